import asyncio

from anthropic import AsyncAnthropic

client = AsyncAnthropic()


async def label(text: str) -> str:
    message = await client.messages.create(
        model="claude-haiku-4-5", max_tokens=10, messages=[{"role": "user", "content": f"One of: praise, complaint: {text}"}]
    )
    return message.content[0].text


async def main() -> None:
    texts = open("reviews.txt", encoding="utf-8").read().splitlines()
    labels = await asyncio.gather(*(label(text) for text in texts))
    print(list(zip(texts, labels)))


asyncio.run(main())
