import asyncio

from openai import OpenAI

client = OpenAI()


async def handle(path):
    summaries = []
    for line in open(path, encoding="utf-8"):
        response = client.responses.create(model="gpt-5-mini", input=f"Summarise: {line.strip()}")
        summaries.append(response.output_text)
        await asyncio.sleep(0)
    return summaries


print(asyncio.run(handle("reviews.txt")))
