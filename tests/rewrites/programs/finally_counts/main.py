from openai import OpenAI

client = OpenAI()
tried = []


def ask(text):
    try:
        return client.responses.create(model="gpt-5-mini", input=text).output_text
    finally:
        tried.append(text)


for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    print(ask(line))
print(len(tried))
