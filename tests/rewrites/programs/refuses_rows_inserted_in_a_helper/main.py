import sqlite3

from openai import OpenAI

client = OpenAI()
items = open("reviews.txt", encoding="utf-8").read().splitlines()
def ask(text):
    db = sqlite3.connect("log.db")
    db.execute("create table if not exists log (text text)")
    db.execute("insert into log (text) values (?)", (text,))
    db.commit()
    return client.responses.create(model="gpt-5-mini", input=text).output_text


for text in items:
    print(ask(text))
