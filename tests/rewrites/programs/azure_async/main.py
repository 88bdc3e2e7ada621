import asyncio

from openai import AsyncAzureOpenAI


async def main():
    async with AsyncAzureOpenAI(api_version="2026-06-01") as client:
        lines = open("reviews.txt", encoding="utf-8").read().splitlines()
        completions = await asyncio.gather(
            *[client.chat.completions.create(model="gpt-4o-batch", messages=[{"role": "user", "content": line}]) for line in lines]
        )
    for completion in completions:
        print(completion.choices[0].message.content)


asyncio.run(main())
