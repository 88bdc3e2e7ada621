import io

from openai import OpenAI

client = OpenAI()
items = open("reviews.txt", encoding="utf-8").read().splitlines()
for text in items:
    buffer = io.StringIO()
    buffer.write("Summarise: ")
    buffer.write(text)
    print(client.responses.create(model="gpt-5-mini", input=buffer.getvalue()).output_text)
