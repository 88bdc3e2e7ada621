import json

from openai import OpenAI
from pydantic import BaseModel, Field


class Person(BaseModel):
    name: str
    born: int | None = Field(description="year")


class Card(BaseModel):
    title: str
    author: Person
    classic: bool


client = OpenAI()
cards = []
for book in json.load(open("books.json", encoding="utf-8")):
    completion = client.chat.completions.parse(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": f"Fill in the card of {book['title']}"}],
        response_format=Card,
    )
    card = completion.choices[0].message.parsed
    cards.append(card.model_dump())
with open("cards.json", "w", encoding="utf-8") as file:
    json.dump(cards, file, indent=1)
