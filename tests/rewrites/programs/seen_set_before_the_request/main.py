from openai import OpenAI

client = OpenAI()
seen = set()
lines = open("reviews.txt", encoding="utf-8").read().splitlines()
for line in lines + lines[:3]:
    key = line.lower()
    if key in seen:
        continue
    seen.add(key)
    print(client.responses.create(model="gpt-5-mini", input=f"Summarise: {line}").output_text)
print(len(seen))
