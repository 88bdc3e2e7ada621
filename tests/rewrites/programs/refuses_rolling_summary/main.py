from openai import OpenAI

client = OpenAI()
summary = ""
for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    response = client.responses.create(model="gpt-5-mini", input=f"Summary so far: {summary}\nAdd: {line}")
    summary = response.output_text
print(summary)
