import asyncio
from concurrent.futures import ThreadPoolExecutor

from openai import OpenAI

client = OpenAI()


def ask(text):
    completion = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": text}])
    return completion.choices[0].message.content


async def main():
    loop = asyncio.get_running_loop()
    texts = open("reviews.txt", encoding="utf-8").read().splitlines()
    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = await asyncio.gather(*(loop.run_in_executor(pool, ask, text) for text in texts))
    for answer in answers:
        print(answer)


asyncio.run(main())
