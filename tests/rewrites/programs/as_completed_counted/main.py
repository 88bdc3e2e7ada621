import asyncio
from collections import Counter

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def label(text):
    completion = await client.chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": f"One of: praise, complaint: {text}"}]
    )
    return completion.choices[0].message.content


async def main():
    texts = open("reviews.txt", encoding="utf-8").read().splitlines()
    counts = Counter()
    for future in asyncio.as_completed([label(text) for text in texts]):
        counts[await future] += 1
    print(sorted(counts.items()))


asyncio.run(main())
