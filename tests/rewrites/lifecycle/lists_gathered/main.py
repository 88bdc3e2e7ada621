import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI()
limit = asyncio.Semaphore(4)


async def embed(text: str) -> list[float]:
    async with limit:
        response = await client.embeddings.create(model="text-embedding-3-small", input=text)
        return response.data[0].embedding


async def main() -> None:
    with open("reviews.txt", encoding="utf-8") as file:
        texts = [line.strip() for line in file]
    tasks = [embed(text) for text in texts]
    vectors = await asyncio.gather(*tasks)
    for text, vector in zip(texts, vectors):
        print(text, vector[:2])


asyncio.run(main())
