import asyncio

from openai import OpenAI

client = OpenAI()


def ask(text):
    return client.responses.create(model="gpt-5-mini", input=f"Shorten: {text}").output_text


async def main():
    texts = open("reviews.txt", encoding="utf-8").read().splitlines()
    print(await asyncio.gather(*[asyncio.to_thread(ask, text) for text in texts]))


asyncio.run(main())
