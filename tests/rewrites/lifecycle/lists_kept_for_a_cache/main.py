from openai import OpenAI

client = OpenAI()
cache = {}
for text in open("reviews.txt", encoding="utf-8").read().splitlines():
    if text not in cache:
        cache[text] = client.embeddings.create(model="text-embedding-3-small", input=text).data[0].embedding
print(len(cache))
