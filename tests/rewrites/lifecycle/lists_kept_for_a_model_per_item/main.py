from openai import OpenAI

client = OpenAI()
for line in open("models.txt", encoding="utf-8").read().splitlines():
    model, text = line.split("|")
    print(client.embeddings.create(model=model, input=text).data[0].embedding[:2])
