import json
import sqlite3

from openai import OpenAI

client = OpenAI()
MODEL = "text-embedding-3-small"


def index(path: str) -> int:
    connection = sqlite3.connect("vectors.db")
    connection.execute("create table if not exists vectors (id integer, text text, vector text)")
    seen: set[str] = set()
    short = 0
    with open(path, encoding="utf-8") as file:
        reviews = [json.loads(line) for line in file]
    for review in reviews:
        text = review["text"].strip()
        if len(text) < 8:
            short += 1
            continue
        if text in seen:
            continue
        seen.add(text)
        response = client.embeddings.create(model=MODEL, input=text)
        vector = response.data[0].embedding
        connection.execute("insert into vectors values (?, ?, ?)", (review["id"], text, json.dumps(vector)))
        print(review["id"], len(text), round(sum(vector), 6))
    connection.commit()
    connection.close()
    return short


print("short:", index("reviews.jsonl"))
