import sys

from openai import OpenAI

client = OpenAI()
TONES = ["formal", "friendly", "brief"]

text = sys.stdin.read()
for tone in TONES:
    answer = client.responses.create(model="gpt-5-mini", input=f"Rewrite in a {tone} tone:\n{text}")
    print(f"## {tone}\n\n{answer.output_text}\n")
