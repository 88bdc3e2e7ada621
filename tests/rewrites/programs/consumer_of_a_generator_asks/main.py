from openai import OpenAI

client = OpenAI()


def ask(prompt):
    return client.responses.create(model="gpt-5-mini", input=prompt).output_text


def summaries(texts):
    for text in texts:
        yield ask(f"Summarise: {text}")


for summary in summaries(open("reviews.txt", encoding="utf-8").read().splitlines()):
    print(summary, "=", ask(f"Translate: {summary}"))
