import sqlite3

from openai import OpenAI

client = OpenAI()


def setup(connection):
    connection.execute("create table reviews (id integer primary key, text text, label text)")
    with open("reviews.txt", encoding="utf-8") as file:
        connection.executemany("insert into reviews (text) values (?)", [(line.strip(),) for line in file])
    connection.commit()


def main():
    connection = sqlite3.connect("reviews.db")
    setup(connection)
    rows = connection.execute("select id, text from reviews where label is null order by id desc").fetchall()
    for key, text in rows:
        label = client.responses.create(model="gpt-5-mini", input=f"One of: praise, complaint: {text}").output_text
        connection.execute("update reviews set label = ? where id = ?", (label, key))
        connection.commit()
    for label, count in connection.execute("select label, count(*) from reviews group by label order by label"):
        print(label, count)
    connection.close()


main()
