import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI()
counter = 0


def numbered(text):
    global counter
    counter += 1
    return f"{counter}. {text}"


async def ask(text):
    response = await client.responses.create(model="gpt-5-mini", input=text)
    return response.output_text


async def main():
    texts = open("reviews.txt", encoding="utf-8").read().splitlines()
    print(await asyncio.gather(*[ask(numbered(text)) for text in texts]))


asyncio.run(main())
