from openai import OpenAI

client = OpenAI()
SIZE = 500


def embed(texts: list[str]) -> list[list[float]]:
    vectors: list[list[float]] = []
    for start in range(0, len(texts), SIZE):
        found = client.embeddings.create(model="text-embedding-3-small", input=texts[start : start + SIZE])
        vectors.extend(each.embedding for each in found.data)
    return vectors
