from openai import OpenAI

client = OpenAI()
lines = open("reviews.txt").read().splitlines()
i, n = 0, len(lines)
out = []
while i < n:
    if len(lines[i]) < 20:
        i += 1
        continue
    out.append(client.responses.create(model="gpt-5-mini", input=lines[i]).output_text)
    i += 1
print(i, out)
