import os

from mistralai.client import Mistral

client = Mistral(api_key=os.environ["MISTRAL_API_KEY"], server_url=os.environ["BASE"] + "/mistral")
vectors = {}
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    vectors[line] = client.embeddings.create(model="mistral-embed", inputs=[line]).data[0].embedding
print(vectors)
