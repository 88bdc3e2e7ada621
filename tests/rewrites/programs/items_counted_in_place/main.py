import json

from openai import OpenAI

client = OpenAI()
books = json.load(open("books.json", encoding="utf-8"))
for book in books:
    book["tries"] = book.get("tries", 0) + 1
    book.setdefault("prompts", []).append(f"Try {book['tries']}: describe {book['title']}")
    book["text"] = client.responses.create(model="gpt-5-mini", input=book["prompts"][-1]).output_text
print(json.dumps(books))
