import json
from pathlib import Path

from openai import OpenAI

client = OpenAI()
LANGUAGES = Path("languages.txt").read_text(encoding="utf-8").split()


def translate(text: str, language: str) -> str:
    completion = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "system", "content": f"Translate into {language}."}, {"role": "user", "content": text}],
    )
    return completion.choices[0].message.content or ""


def main() -> None:
    articles = json.loads(Path("articles.json").read_text(encoding="utf-8"))
    table: dict[str, dict[str, str]] = {}
    for slug, text in articles.items():
        table[slug] = {}
        for language in LANGUAGES:
            table[slug][language] = translate(text, language)
    Path("translations.json").write_text(json.dumps(table, indent=1, sort_keys=True), encoding="utf-8")
    print(len(table), "articles")


main()
