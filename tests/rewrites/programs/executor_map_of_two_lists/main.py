import json
from concurrent.futures import ThreadPoolExecutor

from openai import OpenAI

client = OpenAI()


def pitch(title, author):
    completion = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": f"Pitch {title} by {author}"}])
    return completion.choices[0].message.content


books = json.load(open("books.json", encoding="utf-8"))
with ThreadPoolExecutor() as pool:
    pitches = list(pool.map(pitch, [book["title"] for book in books], [book["author"] for book in books]))
print(pitches)
