import asyncio
import json

from groq import AsyncGroq


async def main():
    client = AsyncGroq()
    result = {}
    for slug, text in json.load(open("articles.json", encoding="utf-8")).items():
        completion = await client.chat.completions.create(
            messages=[{"role": "user", "content": f"Keywords of: {text}"}], model="llama-3.1-8b-instant", temperature=0.5
        )
        result[slug] = completion.choices[0].message.content
    print(result)


asyncio.run(main())
