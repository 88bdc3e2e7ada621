import asyncio
import json

from google import genai

client = genai.Client()


async def describe(title):
    response = await client.aio.models.generate_content(model="gemini-3-flash", contents=f"Describe {title}")
    return response.text


async def main():
    books = json.load(open("books.json", encoding="utf-8"))
    for text in await asyncio.gather(*[describe(book["title"]) for book in books]):
        print(text)


asyncio.run(main())
