import sqlite3

from openai import OpenAI

client = OpenAI()
db = sqlite3.connect("runs.db")
db.execute("create table runs (id integer primary key, text text, answer text)")
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    key = db.execute("insert into runs (text) values (?)", (line,)).lastrowid
    db.commit()
    answer = client.responses.create(model="gpt-5-mini", input=f"Run {key}: {line}").output_text
    db.execute("update runs set answer = ? where id = ?", (answer, key))
    db.commit()
db.close()
