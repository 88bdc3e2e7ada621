import json
from collections.abc import Iterator

from openai import OpenAI

client = OpenAI()


def annotated(books: list[dict]) -> Iterator[dict]:
    for book in books:
        response = client.responses.create(model="gpt-5-mini", input=f"Which age group is {book['title']} for?")
        yield {**book, "age": response.output_text}


def main() -> None:
    with open("books.json", encoding="utf-8") as source, open("annotated.jsonl", "w", encoding="utf-8") as target:
        for book in annotated(json.load(source)):
            target.write(json.dumps(book) + "\n")
            print("wrote", book["title"])


if __name__ == "__main__":
    main()
