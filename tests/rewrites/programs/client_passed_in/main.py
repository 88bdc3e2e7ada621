import json

from openai import OpenAI

from tasks import describe_books

with open("books.json", encoding="utf-8") as file:
    describe_books(OpenAI(timeout=20), json.load(file))
