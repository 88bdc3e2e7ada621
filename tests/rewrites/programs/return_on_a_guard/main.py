from openai import OpenAI


def until_end(client, texts):
    results = []
    for text in texts:
        if "weekend" in text:
            return results, "stopped"
        results.append(client.responses.create(model="gpt-5-mini", input=text).output_text)
    return results, "complete"


print(until_end(OpenAI(), open("reviews.txt", encoding="utf-8").read().splitlines()))
