import asyncio

from openai import AsyncOpenAI


async def ask(text):
    async with AsyncOpenAI() as client:
        response = await client.responses.create(model="gpt-5-mini", input=text)
        return response.output_text


for line in open("reviews.txt", encoding="utf-8").read().splitlines():
    print(asyncio.run(ask(line)))
