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
    for author, books in by_author(json.load(open("books.json", encoding="utf-8"))).items():
        for book in books:
            book["title"] += "!"
            response = client.responses.create(model="gpt-5-mini", input=f"Describe {book['title']} in one line")
            print(author, "-", response.output_text)


main()
