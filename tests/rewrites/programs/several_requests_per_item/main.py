import json

from openai import OpenAI

client = OpenAI()


def ask(prompt: str) -> str:
    return client.responses.create(model="gpt-5-mini", input=prompt).output_text


def card(book: dict) -> dict:
    mood = ask(f"Mood of {book['title']}, one of: dark, light")
    audience = ask(f"Audience of {book['title']}, one of: children, adults")
    return {"title": book["title"], "mood": mood, "audience": audience}


cards = []
for book in json.load(open("books.json", encoding="utf-8")):
    cards.append(card(book))
print(json.dumps(cards, indent=1))
