import json

from openai import OpenAI

client = OpenAI()


def ask(prompt):
    return client.responses.create(model="gpt-5-mini", input=prompt).output_text


books = json.load(open("books.json", encoding="utf-8"))
fields = open("fields.txt", encoding="utf-8").read().split()
rows = [(book["title"], field, ask(f"Explain the {field} of {book['title']}")) for book in books if book["author"] != "Joyce" for field in fields]
for row in rows:
    print(*row)
