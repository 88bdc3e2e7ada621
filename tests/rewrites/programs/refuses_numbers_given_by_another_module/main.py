from openai import OpenAI

client = OpenAI()
from prompts import numbered
items = open("reviews.txt", encoding="utf-8").read().splitlines()
for text in items:
    prompt = numbered(text)
    print(client.responses.create(model="gpt-5-mini", input=prompt).output_text)
