import asyncio
import json

from openai import AsyncOpenAI


class Pipeline:
    def __init__(self, concurrency: int = 8) -> None:
        self.client = AsyncOpenAI()
        self.semaphore = asyncio.Semaphore(concurrency)
        self.errors: list[str] = []

    async def describe(self, book: dict) -> dict | None:
        async with self.semaphore:
            try:
                completion = await self.client.chat.completions.create(
                    model="gpt-4o-mini", messages=[{"role": "user", "content": f"Describe {book['title']}"}]
                )
            except Exception:
                self.errors.append(book["title"])
                return None
        return {**book, "text": completion.choices[0].message.content}

    async def run(self, books: list[dict]) -> list[dict]:
        results = await asyncio.gather(*[self.describe(book) for book in books])
        return [result for result in results if result]


async def main() -> None:
    books = json.load(open("books.json", encoding="utf-8"))
    books.insert(1, {"title": "FAIL_ITEM"})
    pipeline = Pipeline()
    print(json.dumps(await pipeline.run(books)), pipeline.errors)


asyncio.run(main())
