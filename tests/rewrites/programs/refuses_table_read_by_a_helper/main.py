import sqlite3
from openai import OpenAI

client = OpenAI()
db = sqlite3.connect("notes.db")
db.execute("create table if not exists notes(body text)")


def recent():
    return [r[0] for r in db.execute("select body from notes order by rowid desc limit 2")]


def save(body):
    db.execute("insert into notes values (?)", (body,))
    db.commit()


for line in open("reviews.txt").read().splitlines():
    answer = client.responses.create(model="gpt-5-mini", input=f"{recent()} {line}").output_text
    save(answer)
    print(answer)
