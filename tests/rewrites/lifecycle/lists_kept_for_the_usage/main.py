from openai import OpenAI

client = OpenAI()
for text in open("reviews.txt", encoding="utf-8").read().splitlines():
    response = client.embeddings.create(model="text-embedding-3-small", input=text)
    print(text, response.usage.total_tokens, response.data[0].embedding[:2])
