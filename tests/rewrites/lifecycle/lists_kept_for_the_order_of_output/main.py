from openai import OpenAI

client = OpenAI()
for text in open("reviews.txt", encoding="utf-8").read().splitlines():
    print("embedding", text)
    vector = client.embeddings.create(model="text-embedding-3-small", input=text).data[0].embedding
    print(vector[:2])
