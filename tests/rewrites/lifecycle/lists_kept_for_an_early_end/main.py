from pathlib import Path

from openai import OpenAI

client = OpenAI()


def index(texts):
    for text in texts:
        vector = client.embeddings.create(model="text-embedding-3-small", input=text).data[0].embedding
        print(text, vector[:2])
        if Path("stop").exists():
            break


index(open("reviews.txt", encoding="utf-8").read().splitlines())
