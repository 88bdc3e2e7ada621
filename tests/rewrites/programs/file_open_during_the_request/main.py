import json

from openai import OpenAI

client = OpenAI()
for slug, text in json.load(open("articles.json", encoding="utf-8")).items():
    with open(f"{slug}.md", "w", encoding="utf-8") as target:
        target.write(f"# {slug}\n")
        response = client.responses.create(model="gpt-5-mini", input=f"Summarise: {text}")
        target.write(response.output_text + "\n")
