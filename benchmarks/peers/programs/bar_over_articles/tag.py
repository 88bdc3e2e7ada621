import json

from openai import OpenAI
from tqdm import tqdm

client = OpenAI()

with open("articles.jsonl") as source:
    articles = [json.loads(line) for line in source]

for article in tqdm(articles, desc="tagging"):
    answer = client.chat.completions.create(
        model="gpt-5-mini", messages=[{"role": "user", "content": "Five tags:\n" + article["text"]}]
    )
    article["tags"] = answer.choices[0].message.content.split(",")

with open("tagged.jsonl", "w") as target:
    target.writelines(json.dumps(article) + "\n" for article in articles)
