from openai import OpenAI

client = OpenAI()
number = 0
words = 0
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    if "binding" in line:
        continue
    number += 1
    words += len(line.split())
    response = client.responses.create(model="gpt-5-mini", input=f"Review {number} ({words} words so far): {line}")
    print(number, response.output_text)
print(number, words)
