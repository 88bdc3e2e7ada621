import json

from openai import OpenAI

client = OpenAI()
shelves = {}
for book in json.load(open("books.json", encoding="utf-8")):
    shelves.setdefault(book["author"], []).append(book["title"])
for author, titles in shelves.items():
    intro = client.responses.create(model="gpt-5-mini", input=f"Introduce {author}").output_text
    print("#", intro)
    for title in titles:
        text = client.responses.create(model="gpt-5-mini", input=f"Describe {title} after: {intro}").output_text
        print("-", text)
