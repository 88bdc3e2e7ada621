import json

from openai import OpenAI

client = OpenAI()
articles = json.load(open("articles.json", encoding="utf-8"))
for slug, text in articles.items():
    articles[slug] = client.responses.create(model="gpt-5-mini", input=f"Shorten: {text}").output_text
print(json.dumps(articles))
