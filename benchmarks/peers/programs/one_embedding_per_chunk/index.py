import sqlite3

from openai import OpenAI

client = OpenAI()


def index(database: str, chunks: list[str]) -> None:
    connection = sqlite3.connect(database)
    for number, chunk in enumerate(chunks):
        vector = client.embeddings.create(model="text-embedding-3-small", input=chunk).data[0].embedding
        connection.execute("INSERT INTO chunks VALUES (?, ?, ?)", (number, chunk, str(vector)))
    connection.commit()
