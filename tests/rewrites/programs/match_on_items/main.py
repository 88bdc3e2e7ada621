import json

from openai import OpenAI

client = OpenAI()
for book in json.load(open("books.json", encoding="utf-8")):
    match book:
        case {"author": "Joyce"}:
            print("too hard")
            continue
        case {"author": "Austen", "title": title}:
            prompt = f"Describe the society in {title}"
        case _:
            prompt = f"Describe {book['title']}"
    if (answer := client.responses.create(model="gpt-5-mini", input=prompt).output_text) and "Emma" in answer:
        print("Emma!")
    print(answer)
