import json

from openai import AzureOpenAI

client = AzureOpenAI()


def vectors_of(documents):
    for name, chunks in documents.items():
        for position, chunk in enumerate(chunks):
            response = client.embeddings.create(model="embeddings", input=chunk)
            yield name, position, response.data[0].embedding


with open("documents.json", encoding="utf-8") as file:
    documents = json.load(file)
for name, position, vector in vectors_of(documents):
    print(name, position, vector[:2])
