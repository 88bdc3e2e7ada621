from openai import OpenAI

client = OpenAI()


def score(text):
    return int(client.responses.create(model="gpt-5-mini", input=f"Rate from 1 to 1000: {text}").output_text)


for text in sorted(open("reviews.txt", encoding="utf-8").read().splitlines(), key=score):
    print(text)
