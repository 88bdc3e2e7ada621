import os

from openai import OpenAI

client = OpenAI()
os.makedirs("out", exist_ok=True)
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    number = len(os.listdir("out"))
    response = client.responses.create(model="gpt-5-mini", input=f"Page {number}: {line}")
    with open(f"out/{number}.txt", "w", encoding="utf-8") as file:
        file.write(response.output_text)
