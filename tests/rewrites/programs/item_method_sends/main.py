import json

from openai import OpenAI

client = OpenAI()


class Book:
    def __init__(self, data):
        self.title = data["title"]
        self.blurb = data["blurb"]
        self.summary = None

    def summarise(self):
        response = client.responses.create(model="gpt-5-mini", input=f"Summarise in five words: {self.blurb}")
        self.summary = response.output_text


books = [Book(data) for data in json.load(open("books.json", encoding="utf-8"))]
for book in books:
    book.summarise()
print({book.title: book.summary for book in books})
