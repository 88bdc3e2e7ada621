from openai import OpenAI

client = OpenAI()
lines = iter(open("reviews.txt", encoding="utf-8").read().splitlines())
count = 0
while (line := next(lines, None)) is not None:
    print(client.responses.create(model="gpt-5-mini", input=f"Translate into French: {line}").output_text)
    count += 1
print(count)
