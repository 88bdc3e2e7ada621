import asyncio

from openai import AsyncOpenAI
from tqdm import tqdm

client = AsyncOpenAI()
semaphore = asyncio.Semaphore(5)


async def ask(position, text):
    async with semaphore:
        response = await client.responses.create(model="gpt-5-mini", input=text)
        return position, response.output_text


async def main():
    texts = open("reviews.txt", encoding="utf-8").read().splitlines()
    tasks = [asyncio.create_task(ask(position, text)) for position, text in enumerate(texts)]
    results = [None] * len(tasks)
    for future in tqdm(asyncio.as_completed(tasks), total=len(tasks)):
        position, answer = await future
        results[position] = answer
    print(results)


asyncio.run(main())
