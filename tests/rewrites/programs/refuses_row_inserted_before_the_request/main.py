import sqlite3

from openai import OpenAI

client = OpenAI()
db = sqlite3.connect("log.db")
db.execute("create table log (id integer primary key, text text, answer text)")
items = open("reviews.txt", encoding="utf-8").read().splitlines()
for text in items:
    key = db.execute("insert into log (text) values (?)", (text,)).lastrowid
    answer = client.responses.create(model="gpt-5-mini", input=text).output_text
    db.execute("update log set answer = ? where id = ?", (answer, key))
    db.commit()
print(db.execute("select count(*) from log").fetchone())
