import sqlite3

from openai import OpenAI

client = OpenAI()
db = sqlite3.connect(":memory:")
db.execute("create table terms (term text)")
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    terms = [row[0] for row in db.execute("select term from terms order by term")]
    answer = client.responses.create(model="gpt-5-mini", input=f"A term other than {terms} for: {line}").output_text
    db.execute("insert into terms values (?)", (answer,))
    print(answer)
