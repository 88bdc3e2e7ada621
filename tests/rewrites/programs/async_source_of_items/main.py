import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def lines(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            await asyncio.sleep(0)
            yield line.strip()


async def main():
    found = []
    async for text in lines("reviews.txt"):
        completion = await client.chat.completions.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": f"One of: praise, complaint: {text}"}]
        )
        found.append(completion.choices[0].message.content)
    print(found)


asyncio.run(main())
