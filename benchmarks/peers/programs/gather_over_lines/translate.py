import asyncio
import sys

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def translate(line: str) -> str:
    answer = await client.chat.completions.create(
        model="gpt-5-mini", messages=[{"role": "user", "content": "Translate to French: " + line}]
    )
    return answer.choices[0].message.content or ""


async def main() -> None:
    lines = sys.stdin.read().splitlines()
    for translated in await asyncio.gather(*(translate(line) for line in lines)):
        print(translated)


asyncio.run(main())
