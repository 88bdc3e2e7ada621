from openai import OpenAI

client = OpenAI()
counter = 0
items = open("reviews.txt", encoding="utf-8").read().splitlines()


def numbered(text):
    global counter
    counter += 1
    return f"{counter}. {text}"


for text in items:
    prompt = numbered(text)
    print(client.responses.create(model="gpt-5-mini", input=prompt).output_text)
