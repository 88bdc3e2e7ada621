import asyncio
import json

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def ask(prompt):
    response = await client.responses.create(model="gpt-5-mini", input=prompt)
    return response.output_text


async def shelf(author, titles):
    found = []
    for title in titles:
        found.append(await ask(f"Describe {title} by {author}"))
    return author, found


async def main():
    shelves = {}
    for book in json.load(open("books.json", encoding="utf-8")):
        shelves.setdefault(book["author"], []).append(book["title"])
    for author, found in await asyncio.gather(*(shelf(author, titles) for author, titles in shelves.items())):
        print(author, found)


asyncio.run(main())
