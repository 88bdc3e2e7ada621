from openai import OpenAI

client = OpenAI()
results = []
for line in open("empty.txt", encoding="utf-8"):
    results.append(client.responses.create(model="gpt-5-mini", input=line).output_text)
print("results:", results)
