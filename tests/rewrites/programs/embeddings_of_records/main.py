import json

from openai import OpenAI


class Index:
    def __init__(self, model: str) -> None:
        self.client = OpenAI()
        self.model = model
        self.rows: list[dict] = []

    def add(self, books: list[dict]) -> None:
        for book in books:
            if not book["blurb"]:
                continue
            vector = self.client.embeddings.create(model=self.model, input=book["blurb"], dimensions=8).data[0].embedding
            self.rows.append({"title": book["title"], "vector": vector})


index = Index("text-embedding-3-large")
index.add(json.load(open("books.json", encoding="utf-8")))
print(index.rows)
