import asyncio

from openai import AsyncOpenAI
from tqdm.asyncio import tqdm

client = AsyncOpenAI()


async def ask(text: str) -> str:
    response = await client.responses.create(model="gpt-5-mini", input=f"Shorten: {text}")
    return response.output_text


async def main() -> None:
    texts = open("reviews.txt", encoding="utf-8").read().splitlines()
    for answer in await tqdm.gather(*[ask(text) for text in texts]):
        print(answer)


asyncio.run(main())
