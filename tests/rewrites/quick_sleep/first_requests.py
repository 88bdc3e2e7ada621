"""Sends the requests and batches that most programs send, because SDKs import and build a lot when they first do so.

Imported by the process that programs are forked from, which therefore has to be without threads afterwards.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import anthropic
import openai

from surfacelint.codemods.llm_batch import BatchRun, batchable

MESSAGES: Any = [{"role": "user", "content": "Say one"}]


def chat(client: Any) -> Any:
    return client.chat.completions.create(model="m-1", messages=MESSAGES)


def response(client: Any) -> Any:
    return client.responses.create(model="gpt-5", input="Say one")


def embedding(client: Any) -> Any:
    return client.embeddings.create(model="m-1", input="Say one")


def message(client: Any) -> Any:
    return client.messages.create(model="m-1", max_tokens=9, messages=MESSAGES)


def send(client: Any, *ways: Callable[[Any], Any]) -> None:
    """Ask by itself and in a batch."""
    with client:
        for ask in ways:
            ask(client)
            run = BatchRun()
            for _ in run.passes(["one"]):
                with run.item():
                    ask(batchable(client))


async def send_asynchronously(client: Any, *ways: Callable[[Any], Any]) -> None:
    """Ask by itself and in a batch."""
    async with client:
        for ask in ways:
            await ask(client)
            run = BatchRun()
            async for _ in run.async_passes(["one"]):
                with run.item():
                    await ask(batchable(client))


send(openai.OpenAI(), chat, response, embedding)
send(anthropic.Anthropic(), message)
asyncio.run(send_asynchronously(openai.AsyncOpenAI(), chat, response))
asyncio.run(send_asynchronously(anthropic.AsyncAnthropic(), message))
assert threading.active_count() == 1
