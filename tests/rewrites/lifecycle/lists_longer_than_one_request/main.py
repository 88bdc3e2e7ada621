from openai import OpenAI

client = OpenAI()
numbers = [int(line) for line in open("numbers.txt", encoding="utf-8")]
total = 0.0
for number in numbers:
    vector = client.embeddings.create(model="text-embedding-3-small", input=f"number {number}").data[0].embedding
    total += vector[0] * number
print(round(total, 6))
