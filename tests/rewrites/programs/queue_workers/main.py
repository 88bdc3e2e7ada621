import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def worker(queue, results):
    while not queue.empty():
        position, text = queue.get_nowait()
        response = await client.responses.create(model="gpt-5-mini", input=f"Shorten: {text}")
        results[position] = response.output_text


async def main():
    queue = asyncio.Queue()
    for entry in enumerate(open("reviews.txt", encoding="utf-8").read().splitlines()):
        queue.put_nowait(entry)
    results = {}
    await asyncio.gather(*(worker(queue, results) for _ in range(3)))
    print([results[position] for position in sorted(results)])


asyncio.run(main())
