import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def ask(text):
    response = await client.responses.create(model="gpt-5-mini", input=f"Proofread: {text}")
    return response.output_text


async def main():
    texts = open("rough.txt", encoding="utf-8").read().splitlines()
    results = await asyncio.gather(*(ask(text) for text in texts), return_exceptions=True)
    for text, result in zip(texts, results):
        if isinstance(result, Exception):
            print("failed:", text)
        else:
            print("ok:", result)


asyncio.run(main())
