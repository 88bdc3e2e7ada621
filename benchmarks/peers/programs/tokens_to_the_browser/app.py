import os
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from openai import AsyncOpenAI

app = FastAPI()
client = AsyncOpenAI(api_key=os.environ["OPENAI_API_KEY"])


async def tokens(question: str) -> AsyncIterator[str]:
    stream = await client.chat.completions.create(
        model="gpt-5", messages=[{"role": "user", "content": question}], stream=True
    )
    async for chunk in stream:
        yield f"data: {chunk.choices[0].delta.content or ''}\n\n"


@app.get("/answer")
async def answer(question: str) -> StreamingResponse:
    return StreamingResponse(tokens(question), media_type="text/event-stream")
