import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI()
lock = asyncio.Semaphore(1)


async def ask(text):
    async with lock:
        response = await client.responses.create(model="gpt-5-mini", input=f"One of: good, bad: {text}")
    return response.output_text


async def main():
    texts = open("reviews.txt", encoding="utf-8").read().splitlines()
    print(await asyncio.gather(*[ask(text) for text in texts]))


asyncio.run(main())
