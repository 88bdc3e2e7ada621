import asyncio
import json

from enrich import Enricher


async def main():
    with open("books.json", encoding="utf-8") as file:
        books = json.load(file)
    enricher = Enricher("gpt-4o-mini")
    for book in await enricher.enrich(books):
        print(book["title"], book["mood"])


if __name__ == "__main__":
    asyncio.run(main())
