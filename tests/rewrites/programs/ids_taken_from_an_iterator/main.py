import itertools

from openai import OpenAI

client = OpenAI()
ids = itertools.count(100)
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    key = next(ids)
    response = client.responses.create(model="gpt-5-mini", input=f"Ticket {key}: {line}")
    print(key, response.output_text)
