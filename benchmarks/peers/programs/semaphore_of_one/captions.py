import asyncio
import json
from pathlib import Path

from openai import AsyncOpenAI

client = AsyncOpenAI()
limit = asyncio.Semaphore(1)


async def caption(description: str) -> str:
    async with limit:
        reply = await client.responses.create(model="gpt-5-mini", input="A short caption for: " + description)
    return reply.output_text


async def main() -> None:
    descriptions = json.loads(Path("pictures.json").read_text())
    captions = await asyncio.gather(*[caption(each) for each in descriptions])
    Path("captions.json").write_text(json.dumps(captions))


asyncio.run(main())
