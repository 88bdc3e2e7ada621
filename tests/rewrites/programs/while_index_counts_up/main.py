from openai import OpenAI

client = OpenAI()
rows = open("reviews.txt", encoding="utf-8").read().splitlines()
scores = []
i = 0
while i < len(rows):
    reply = client.responses.create(model="gpt-5-mini", input="Rate from 1 to 5: " + rows[i])
    scores.append(int(reply.output_text))
    i += 1
print(scores, sum(scores) / len(scores), i)
