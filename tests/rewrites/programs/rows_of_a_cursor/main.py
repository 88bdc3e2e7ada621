import sqlite3

from openai import OpenAI

client = OpenAI()
db = sqlite3.connect("shop.sqlite")
db.execute("create table reviews (id integer primary key, text text, label text)")
db.executemany("insert into reviews (text) values (?)", [(line.strip(),) for line in open("reviews.txt", encoding="utf-8")])
cursor = db.execute("select id, text from reviews order by id")
labelled = 0
for key, text in cursor.fetchall():
    completion = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": f"One of: praise, complaint: {text}"}])
    db.execute("update reviews set label = ? where id = ?", (completion.choices[0].message.content, key))
    labelled += 1
db.commit()
db.close()
print(labelled)
