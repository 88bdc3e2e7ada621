from openai import OpenAI


class Embedder:
    def __init__(self):
        self.client = OpenAI()

    def embed(self, text):
        return self.client.embeddings.create(model="text-embedding-3-small", input=text).data[0].embedding

    def embed_lines(self, path):
        return [self.embed(line) for line in open(path, encoding="utf-8").read().splitlines()]


class Loud(Embedder):
    def embed(self, text):
        return super().embed(text.upper())


print(Embedder().embed_lines("reviews.txt") == Loud().embed_lines("reviews.txt"))
