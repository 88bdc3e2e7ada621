import asyncio

from openai import AsyncOpenAI


async def run(client: AsyncOpenAI, lines: list[str]) -> None:
    tasks = []
    for line in lines:
        tasks.append(asyncio.create_task(client.responses.create(model="gpt-5-mini", input=f"Title for: {line}")))
    for task in tasks:
        response = await task
        print(response.output_text)


asyncio.run(run(AsyncOpenAI(), open("reviews.txt", encoding="utf-8").read().splitlines()))
