from openai import OpenAI

client = OpenAI()


def polish(texts):
    for i, text in enumerate(texts):
        texts[i] = client.responses.create(model="gpt-5-mini", input=f"Polish: {text}").output_text


lines = open("reviews.txt", encoding="utf-8").read().splitlines()
polish(lines)
print(lines)
