import asyncio

from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI()


def ask(text: str) -> str:
    return client.responses.create(model="gpt-5-mini", input=text).output_text


@app.get("/ask")
async def answer(text: str) -> dict[str, str]:
    return {"answer": await asyncio.to_thread(ask, text)}
