import json
from collections import defaultdict

from openai import OpenAI

client = OpenAI()


def by_author(books):
    shelves = defaultdict(list)
    for book in books:
        shelves[book["author"]].append(book)
    return shelves


def main():
    shelves = by_author(json.load(open("books.json", encoding="utf-8")))
    for author, books in shelves.items():
        print(f"# {author}")
        for book in books:
            response = client.responses.create(model="gpt-5-mini", input=f"Describe {book['title']} in one line")
            print("-", response.output_text)
        print(f"({len(books)} books)")


main()
