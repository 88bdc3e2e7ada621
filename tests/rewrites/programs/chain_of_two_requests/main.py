import json

from openai import OpenAI

client = OpenAI()


def complete(system: str, text: str) -> str:
    completion = client.chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "system", "content": system}, {"role": "user", "content": text}]
    )
    return completion.choices[0].message.content


def main() -> None:
    articles = json.load(open("articles.json", encoding="utf-8"))
    for slug, text in articles.items():
        summary = complete("Summarise in one sentence.", text)
        translation = complete("Translate into German.", summary)
        print(slug, "|", summary, "|", translation)


main()
