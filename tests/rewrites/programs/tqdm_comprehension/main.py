import json

from openai import OpenAI
from tqdm.auto import tqdm

client = OpenAI()
books = json.load(open("books.json", encoding="utf-8"))
blurbs = [
    client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": f"Sell me {book['title']}"}]).choices[0].message.content
    for book in tqdm(books)
]
json.dump(blurbs, open("blurbs.json", "w", encoding="utf-8"))
