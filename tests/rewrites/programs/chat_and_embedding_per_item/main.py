import json

from openai import OpenAI

client = OpenAI()
rows = []
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    summary = client.responses.create(model="gpt-5-mini", input=f"Summarise: {line}").output_text
    vector = client.embeddings.create(model="text-embedding-3-small", input=summary).data[0].embedding
    rows.append({"text": line, "summary": summary, "vector": vector})
print(json.dumps(rows))
