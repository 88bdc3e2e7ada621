from openai import OpenAI

client = OpenAI()
flagged = []
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    result = client.moderations.create(model="omni-moderation-latest", input=line).results[0]
    if result.flagged:
        flagged.append(line)
print(flagged)
