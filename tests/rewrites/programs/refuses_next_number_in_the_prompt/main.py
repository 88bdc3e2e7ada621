from openai import OpenAI

client = OpenAI()
import itertools

numbers = itertools.count(1)
items = open("reviews.txt", encoding="utf-8").read().splitlines()
for text in items:
    print(client.responses.create(model="gpt-5-mini", input=f"{next(numbers)} {text}").output_text)
