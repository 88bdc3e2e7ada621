import asyncio
import json

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def ask(prompt):
    completion = await client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": prompt}])
    return completion.choices[0].message.content


async def card(book):
    mood, audience = await asyncio.gather(ask(f"Mood of {book['title']}"), ask(f"Audience of {book['title']}"))
    return {"title": book["title"], "mood": mood, "audience": audience}


async def main():
    books = json.load(open("books.json", encoding="utf-8"))
    cards = await asyncio.gather(*[card(book) for book in books])
    for one in cards:
        print(json.dumps(one))


asyncio.run(main())
