import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def ask(text: str) -> str:
    try:
        response = await asyncio.wait_for(client.responses.create(model="gpt-5-mini", input=f"Shorten: {text}"), timeout=20)
    except asyncio.TimeoutError:
        return "(too slow)"
    return response.output_text


async def main() -> None:
    for line in open("reviews.txt", encoding="utf-8").read().splitlines():
        print(await ask(line))


asyncio.run(main())
