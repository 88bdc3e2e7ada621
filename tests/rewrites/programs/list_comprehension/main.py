from openai import OpenAI

client = OpenAI()


def ask(text):
    return client.responses.create(model="gpt-5-mini", input=f"Summarise: {text}").output_text


reviews = open("reviews.txt", encoding="utf-8").read().splitlines()
summaries = [ask(review) for review in reviews if len(review) > 20]
print("\n".join(summaries))
