import asyncio
import json

from openai import AsyncOpenAI


async def main() -> None:
    articles = json.load(open("articles.json", encoding="utf-8"))
    async with AsyncOpenAI() as client:
        completions = await asyncio.gather(
            *(
                client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": f"Headline for: {text}"}])
                for text in articles.values()
            )
        )
    print([completion.choices[0].message.content for completion in completions])
    print(sum(completion.usage.total_tokens for completion in completions), "tokens")


asyncio.run(main())
