import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def summarise(text: str) -> str:
    response = await client.responses.create(model="gpt-5-mini", input=f"Summarise: {text}")
    return response.output_text


async def main() -> None:
    with open("reviews.txt", encoding="utf-8") as file:
        for line in file:
            print(await summarise(line.strip()))


asyncio.run(main())
