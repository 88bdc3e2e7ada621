import sqlite3

from openai import OpenAI

client = OpenAI()
db = sqlite3.connect("answers.db")
db.execute("create table answers (id integer primary key, text text, answer text)")
for line in open("rough.txt", encoding="utf-8").read().splitlines():
    try:
        with db:
            key = db.execute("insert into answers (text) values (?)", (line,)).lastrowid
            answer = client.responses.create(model="gpt-5-mini", input=f"Summarise: {line}").output_text
            db.execute("update answers set answer = ? where id = ?", (answer, key))
    except Exception:
        print("rolled back", line)
print(db.execute("select count(*) from answers").fetchone())
db.close()
