import asyncio
import json

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def describe(book: dict) -> tuple[str, str]:
    try:
        response = await client.responses.create(model="gpt-5-mini", input=f"Describe {book['title']}")
    except Exception:
        return book["title"], "unknown"
    return book["title"], response.output_text


async def main() -> None:
    books = json.load(open("books.json", encoding="utf-8"))
    books.append({"title": "FAIL_ITEM"})
    pairs = dict(await asyncio.gather(*map(describe, books)))
    json.dump(pairs, open("described.json", "w", encoding="utf-8"), indent=1)


asyncio.run(main())
