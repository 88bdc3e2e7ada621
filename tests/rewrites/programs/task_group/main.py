import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def rate(text: str) -> int:
    response = await client.responses.create(model="gpt-5-mini", input=f"Rate from 1 to 5: {text}")
    return int(response.output_text)


async def main() -> None:
    with open("reviews.txt", encoding="utf-8") as file:
        texts = file.read().splitlines()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(rate(text)) for text in texts]
    ratings = [task.result() for task in tasks]
    print(ratings, max(ratings))


asyncio.run(main())
