import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI()
CHUNK = 2


async def ask(text):
    response = await client.responses.create(model="gpt-5-mini", input=f"Shorten: {text}")
    return response.output_text


async def main():
    texts = open("reviews.txt", encoding="utf-8").read().splitlines()
    answers = []
    for start in range(0, len(texts), CHUNK):
        answers += await asyncio.gather(*[ask(text) for text in texts[start : start + CHUNK]])
        await asyncio.sleep(1)
    print(answers)


asyncio.run(main())
