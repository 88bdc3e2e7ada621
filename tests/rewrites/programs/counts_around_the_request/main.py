from openai import OpenAI

client = OpenAI()
counts = {"all": 0, "short": 0, "done": 0}
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    counts["all"] += 1
    if len(line) < 20:
        counts["short"] += 1
        continue
    print(client.responses.create(model="gpt-5-mini", input=f"Summarise: {line}").output_text)
    counts["done"] += 1
print(counts)
