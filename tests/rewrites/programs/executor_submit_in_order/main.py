import json
from concurrent.futures import ThreadPoolExecutor

from openai import OpenAI

client = OpenAI()


def describe(book: dict) -> dict:
    completion = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": f"Describe {book['title']} as JSON"}],
        response_format={"type": "json_object"},
    )
    return json.loads(completion.choices[0].message.content)


with open("books.json", encoding="utf-8") as file:
    books = json.load(file)
with ThreadPoolExecutor() as executor:
    futures = [executor.submit(describe, book) for book in books]
for book, future in zip(books, futures):
    print(book["title"], future.result())
