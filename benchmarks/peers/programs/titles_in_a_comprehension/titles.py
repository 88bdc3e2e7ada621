import json
from pathlib import Path

from openai import OpenAI

client = OpenAI()
articles = [json.loads(line) for line in Path("articles.jsonl").read_text().splitlines()]


def title(article: dict) -> str:
    return client.responses.create(model="gpt-5-mini", input="Write a title:\n" + article["body"]).output_text


titles = [title(article) for article in articles]
Path("titles.json").write_text(json.dumps(titles))
