import random

from openai import OpenAI

random.seed(3)
client = OpenAI()
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    style = random.choice(["formal", "casual", "poetic", "rude"])
    response = client.responses.create(model="gpt-5-mini", input=f"Rewrite in a {style} style: {line}")
    print(style, response.output_text)
