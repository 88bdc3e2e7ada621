import json
from functools import cached_property

from openai import OpenAI

client = OpenAI()


class Book:
    def __init__(self, title):
        self.title = title

    @cached_property
    def pitch(self):
        return client.responses.create(model="gpt-5-mini", input=f"Pitch {self.title}").output_text


for book in [Book(each["title"]) for each in json.load(open("books.json", encoding="utf-8"))]:
    print(book.pitch, len(book.pitch))
