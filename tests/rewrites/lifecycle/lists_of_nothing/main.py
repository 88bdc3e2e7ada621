from openai import OpenAI

client = OpenAI()


def embed(text):
    return client.embeddings.create(model="text-embedding-3-small", input=text).data[0].embedding


texts = open("nothing.txt", encoding="utf-8").read().splitlines()
print({text: embed(text) for text in texts})
print(list(map(embed, texts)))
