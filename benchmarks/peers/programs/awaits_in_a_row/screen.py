import asyncio
import json
import sys

from anthropic import AsyncAnthropic

client = AsyncAnthropic()


async def score(application: str) -> str:
    reply = await client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=10,
        messages=[{"role": "user", "content": "Score this application from 1 to 5:\n" + application}],
    )
    return reply.content[0].text


async def main() -> None:
    scores = {}
    with open(sys.argv[1]) as applications:
        for number, application in enumerate(applications):
            scores[number] = await score(application)
    print(json.dumps(scores))


asyncio.run(main())
