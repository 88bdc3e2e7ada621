import asyncio
import json

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def described(books):
    for book in books:
        response = await client.responses.create(model="gpt-5-mini", input=f"Describe {book['title']} by {book['author']}")
        yield book["title"], response.output_text


async def main():
    books = json.load(open("books.json", encoding="utf-8"))
    async for title, text in described(books):
        print(f"{title}: {text}")


asyncio.run(main())
