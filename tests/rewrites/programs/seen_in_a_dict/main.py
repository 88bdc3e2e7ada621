from openai import OpenAI

client = OpenAI()
seen = {}
lines = open("reviews.txt").read().splitlines()
for line in lines + lines:
    if line in seen:
        continue
    seen[line] = True
    print(client.responses.create(model="gpt-5-mini", input=line).output_text)
print(len(seen))
