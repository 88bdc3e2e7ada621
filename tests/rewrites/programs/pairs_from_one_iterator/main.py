from openai import OpenAI

client = OpenAI()
lines = iter(open("reviews.txt", encoding="utf-8").read().splitlines())
for first in lines:
    second = next(lines, "(nothing)")
    response = client.responses.create(model="gpt-5-mini", input=f"Compare {first} with {second}")
    print(response.output_text)
