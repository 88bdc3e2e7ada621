import sys

from openai import OpenAI

client = OpenAI()
out = sys.stdout
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    out.write(f"asking about {line}\n")
    out.write(client.responses.create(model="gpt-5-mini", input=line).output_text + "\n")
