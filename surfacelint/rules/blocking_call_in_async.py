"""A sync request blocks the event loop of a coroutine.

## What it does
Reports calls in coroutines that lead, through sync functions, to a request of a sync client, also among the arguments
of an awaited call (`await message.answer(ask(text))`), and streams of sync clients that a coroutine walks with a plain
`for`. One way in through a server or bot is enough, whatever else runs the coroutine: a handler, a command, a job on
the same event loop.

Not reported are requests in threads (`asyncio.to_thread`, `run_in_executor`), sync generators in a streaming response
(the framework walks them in a thread), scripts that run one coroutine at a time, and coroutines on an event loop of
their own (`asyncio.run` in a sync handler).

## Why it costs
The event loop stands still for seconds until the answer arrives: requests of other users wait, gathered calls run one
after another, and timeouts do not fire.

## Bad
```python
from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI()


@app.post("/answer")
async def answer(question: str) -> str:
    return client.responses.create(model="gpt-5-mini", input=question).output_text
```

## Good
```python
from fastapi import FastAPI
from openai import AsyncOpenAI

app = FastAPI()
client = AsyncOpenAI()


@app.post("/answer")
async def answer(question: str) -> str:
    response = await client.responses.create(model="gpt-5-mini", input=question)
    return response.output_text
```

## When to leave it
Ignore it if nothing else ever runs on that event loop.

## Fix
None yet. Use the async client, or `await asyncio.to_thread(...)`. The finding shows a sketch of the remedy in the names
of your code.

## Options
- Declare your own handlers as `entry` rows in `[tool.surfacelint.catalogue]`.

## References
- Python documentation: developing with asyncio, running blocking code.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import finding
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find sync requests in coroutines."""
    for workload in program.of_kind("blocking"):
        blocks = f"blocks the event loop of the coroutine `{workload.about}`"
        if workload.call == workload.request:
            problem = f"`{workload.call}` is a sync request and {blocks}"
        else:
            problem = f"`{workload.call}` {blocks} with the sync request `{workload.request}`"
        yield finding(workload, info, f"{problem}: await an async client, or use `asyncio.to_thread`")


RULE = Rule("SRF303", Severity.WARNING, check)
