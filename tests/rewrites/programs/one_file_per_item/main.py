import json
import os

from openai import OpenAI

client = OpenAI()
os.makedirs("out", exist_ok=True)
with open("articles.json", encoding="utf-8") as file:
    articles = json.load(file)

for slug, text in articles.items():
    path = os.path.join("out", f"{slug}.md")
    if os.path.exists(path):
        continue
    response = client.responses.create(model="gpt-5-mini", input=f"Write a paragraph about: {text}")
    with open(path, "w", encoding="utf-8") as target:
        target.write(f"# {slug}\n\n{response.output_text}\n")
