import json

from openai import OpenAI

client = OpenAI()
reviews = open("reviews.txt", encoding="utf-8").read().splitlines()
vectors = []
for review in reviews:
    response = client.embeddings.create(model="text-embedding-3-small", input=review)
    vectors.append(response.data[0].embedding)
with open("vectors.json", "w", encoding="utf-8") as file:
    json.dump(dict(zip(reviews, vectors)), file)
