import json

from openai import OpenAI

client = OpenAI()
DEFAULTS = {"model": "gpt-4o-mini", "temperature": 0.3, "max_tokens": 50}


def messages(book):
    return [{"role": "system", "content": "You sell books."}, {"role": "user", "content": f"Sell {book['title']}"}]


outputs = []
for book in json.load(open("books.json", encoding="utf-8")):
    params = dict(DEFAULTS, messages=messages(book))
    if book["author"] == "Austen":
        params["temperature"] = 0.9
    outputs.append(client.chat.completions.create(**params))
for output in outputs:
    print(output.model, output.usage.completion_tokens, output.choices[0].message.content)
