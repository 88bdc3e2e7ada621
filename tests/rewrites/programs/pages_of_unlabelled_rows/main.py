import sqlite3

from openai import OpenAI

client = OpenAI()
db = sqlite3.connect("shop.db")
db.execute("create table reviews (id integer primary key, text text, label text)")
db.executemany("insert into reviews (text) values (?)", [(line.strip(),) for line in open("reviews.txt", encoding="utf-8")])
while True:
    rows = db.execute("select id, text from reviews where label is null order by id limit ?", (int("2"),)).fetchall()
    if not rows:
        break
    for key, text in rows:
        label = client.responses.create(model="gpt-5-mini", input=f"One of: praise, complaint: {text}").output_text
        db.execute("update reviews set label = ? where id = ?", (label, key))
    db.commit()
    print("page of", len(rows))
db.close()
