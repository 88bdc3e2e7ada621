from openai import OpenAI

client = OpenAI()


def first_like(texts, wanted):
    for text in texts:
        vector = client.embeddings.create(model="text-embedding-3-small", input=text).data[0].embedding
        print(text)
        if max(vector) > wanted or len(text) > 1000:
            break


first_like(open("reviews.txt", encoding="utf-8").read().splitlines(), 2.0)
