from google import genai

client = genai.Client()
texts = open("reviews.txt", encoding="utf-8").read().splitlines()
vectors = []
for text in texts:
    result = client.models.embed_content(model="gemini-embedding-001", contents=text)
    vectors.append(result.embeddings[0].values)
print(len(vectors))
