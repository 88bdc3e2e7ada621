import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def ask(text):
    response = await client.responses.create(model="gpt-5-mini", input=text)
    return response.output_text


async def main():
    texts = open("reviews.txt", encoding="utf-8").read().splitlines()
    answers = await asyncio.gather(*[ask(text) for text in texts])
    for text, answer in zip(texts, answers):
        print(text, "=>", answer)


asyncio.run(main())
