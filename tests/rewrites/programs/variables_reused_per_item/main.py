import json

from openai import OpenAI

client = OpenAI()
book = None
parts = []
for book in json.load(open("books.json", encoding="utf-8")):
    prompt = "Describe this book.\n"
    for name in ("title", "author"):
        prompt += f"{name}: {book[name]}\n"
    parts.append(len(prompt))
    result = client.responses.create(model="gpt-5-mini", input=prompt)
    text = result.output_text
    text = text.strip()
    print(text)
print(book["title"], parts, text)
