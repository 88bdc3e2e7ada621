import json
import sqlite3

from openai import OpenAI

client = OpenAI()
db = sqlite3.connect("pages.db")
db.execute("create table vectors (id text, vector text)")


def index(page, model):
    if not page["text"]:
        return
    response = client.embeddings.create(model=model, input=page["text"])
    db.execute("insert into vectors values (?, ?)", (page["id"], json.dumps(response.data[0].embedding)))


with open("pages.json", encoding="utf-8") as file:
    pages = json.load(file)
for page in pages:
    index(page, "text-embedding-3-small")
db.commit()
db.close()
