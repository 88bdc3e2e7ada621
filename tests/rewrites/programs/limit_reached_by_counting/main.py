import json
import os

from openai import OpenAI

client = OpenAI()
LIMIT = int(os.environ.get("MAX_BOOKS", "3"))
sent = 0
for book in json.load(open("books.json", encoding="utf-8")):  # surfacelint: volume=5000/day
    if sent >= LIMIT:
        break
    sent += 1
    response = client.responses.create(model="gpt-5-mini", input=f"Describe {book['title']}")
    print(book["title"], response.output_text)
print(sent)
