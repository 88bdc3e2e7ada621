import sqlite3

from openai import OpenAI

client = OpenAI()
db = sqlite3.connect("log.db")
db.execute("create table log (text text, n integer)")
items = open("reviews.txt", encoding="utf-8").read().splitlines()
for text in items:
    row = db.execute("select count(*) from log where text = ?", (text,)).fetchone()
    print(row, client.responses.create(model="gpt-5-mini", input=text).output_text)
