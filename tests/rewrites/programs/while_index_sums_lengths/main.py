from openai import OpenAI

client = OpenAI()
lines = open("reviews.txt", encoding="utf-8").read().splitlines()
total, position = 0, -1
while position + 1 < len(lines):
    position += 1
    line = lines[position]
    answer = client.responses.create(model="gpt-5-mini", input=f"Summarise: {line}").output_text
    total += len(answer)
print(total, position)
