import asyncio
import json

from openai import AsyncOpenAI

client = AsyncOpenAI()
DONE = "completed"


async def main():
    lines = []
    for number, review in enumerate(open("reviews.txt", encoding="utf-8").read().splitlines()):
        body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": review}]}
        lines.append(json.dumps({"custom_id": str(number), "method": "POST", "url": "/v1/chat/completions", "body": body}))
    file = await client.files.create(file=("x.jsonl", "\n".join(lines).encode()), purpose="batch")
    batch = await client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    status = batch.status
    while status != DONE:
        await asyncio.sleep(30)
        batch = await client.batches.retrieve(batch.id)
        status = batch.status
    print(status, batch.request_counts.total)


asyncio.run(main())
