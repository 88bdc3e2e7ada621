import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI(max_retries=5)
LIMIT = asyncio.Semaphore(10)


async def classify(text: str) -> str:
    async with LIMIT:
        completion = await client.chat.completions.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": f"One of: spam, ham: {text}"}], timeout=30
        )
        return completion.choices[0].message.content or ""


async def classify_all(texts: list[str]) -> list[str]:
    tasks = [classify(text) for text in texts]
    return await asyncio.gather(*tasks)


if __name__ == "__main__":
    with open("reviews.txt", encoding="utf-8") as file:
        print(asyncio.run(classify_all(file.read().splitlines())))
