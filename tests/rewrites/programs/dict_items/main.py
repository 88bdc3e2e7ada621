import json
from pathlib import Path

from openai import OpenAI


def headlines(articles: dict[str, str]) -> dict[str, str]:
    client = OpenAI()
    result: dict[str, str] = {}
    for slug, text in articles.items():
        response = client.responses.create(model="gpt-5-mini", instructions="Write a headline.", input=text)
        result[slug] = response.output_text.strip().title()
    return result


if __name__ == "__main__":
    articles = json.loads(Path("articles.json").read_text(encoding="utf-8"))
    Path("headlines.json").write_text(json.dumps(headlines(articles), indent=2), encoding="utf-8")
