import json
import time

from openai import OpenAI

client = OpenAI()
with open("pages.json", encoding="utf-8") as file:
    pages = json.load(file)


def embed_pages(pages):
    for name in pages:
        vector = client.embeddings.create(model="text-embedding-3-small", input=pages[name]["text"]).data[0].embedding
        pages[name]["vector"] = vector
        # The limit is 60 requests a minute.
        time.sleep(1)


embed_pages(pages)
with open("out.json", "w", encoding="utf-8") as file:
    json.dump(pages, file)
