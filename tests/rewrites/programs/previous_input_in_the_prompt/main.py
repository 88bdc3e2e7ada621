from openai import OpenAI

client = OpenAI()
previous = "(start)"
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    response = client.responses.create(model="gpt-5-mini", input=f"Before: {previous}\nCorrect: {line}")
    print(response.output_text)
    previous = line
