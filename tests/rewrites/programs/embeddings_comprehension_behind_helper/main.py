from openai import OpenAI

client = OpenAI()


def get_embedding(text, model="text-embedding-3-small"):
    text = text.replace("\n", " ")
    return client.embeddings.create(input=[text], model=model).data[0].embedding


texts = open("reviews.txt", encoding="utf-8").readlines()
embeddings = [get_embedding(text) for text in texts]
print(len(embeddings), embeddings)
