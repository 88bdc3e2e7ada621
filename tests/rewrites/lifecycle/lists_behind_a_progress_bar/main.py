from openai import OpenAI
from tqdm import tqdm

client = OpenAI()


def embed_all(texts):
    vectors = []
    for text in tqdm(texts, desc="Embedding", total=len(texts)):
        vectors.append(client.embeddings.create(model="text-embedding-3-small", input=text).data[0].embedding)
    return vectors


for vector in embed_all(open("reviews.txt", encoding="utf-8").read().split("\n")[:-1]):
    print(vector[:3])
