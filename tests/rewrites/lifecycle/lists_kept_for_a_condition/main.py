from openai import OpenAI

client = OpenAI()
texts = open("reviews.txt", encoding="utf-8").read().split("\n")
print([client.embeddings.create(model="text-embedding-3-small", input=text).data[0].embedding if text else None for text in texts])
