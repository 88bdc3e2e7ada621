import json
from pathlib import Path

from openai import OpenAI

client = OpenAI()
path = Path("books.json")
books = json.loads(path.read_text(encoding="utf-8"))
for book in books:
    if "summary" not in book:
        prompt = f"Summarise the blurb of {book.pop('title')}: {book['blurb']}"
        book["summary"] = client.responses.create(model="gpt-5-mini", input=prompt).output_text
path.write_text(json.dumps(books, indent=2), encoding="utf-8")
