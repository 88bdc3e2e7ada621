import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def translate(text):
    response = await client.responses.create(model="gpt-5-mini", instructions="Translate to Italian", input=text)
    return response.output_text


async def main():
    lines = open("reviews.txt", encoding="utf-8").read().splitlines()
    print("\n".join([await translate(line) for line in lines if line]))


asyncio.run(main())
