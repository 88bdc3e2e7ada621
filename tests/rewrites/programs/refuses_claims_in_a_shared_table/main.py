import sqlite3

from openai import OpenAI

client = OpenAI()
db = sqlite3.connect("jobs.db")
db.execute("create table jobs (id integer primary key, text text, state text)")
db.executemany("insert into jobs (text, state) values (?, 'new')", [(line.strip(),) for line in open("reviews.txt", encoding="utf-8")])
db.commit()


def claim():
    row = db.execute("select id, text from jobs where state = 'new' or state like 'again%' order by id limit 1").fetchone()
    if row:
        db.execute("update jobs set state = 'running' where id = ?", (row[0],))
        db.commit()
    return row


while row := claim():
    key, text = row
    answer = client.responses.create(model="gpt-5-mini", input=f"One of: done, again: {text}").output_text
    state = "done" if text.startswith("again") else answer
    db.execute("update jobs set state = ?, text = 'again ' || text where id = ?", (state, key))
    db.commit()
print(db.execute("select * from jobs").fetchall())
db.close()
