"""A sync request blocks the event loop of a coroutine.

## What it does
Reports calls in coroutines that lead, through sync functions, to a request of a sync client. Requests in threads
(`asyncio.to_thread`, `run_in_executor`) are silent, and so are scripts that run one coroutine at a time.

## Why it costs
While the answer is on its way, for seconds, nothing else on the event loop moves: other users' requests wait, gathered
calls run one after another, timeouts do not fire.

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
When nothing else ever runs on that event loop.

## Fix
None yet: use the async client, or `await asyncio.to_thread(...)`.

## Options
- Your own handlers are declared as `entry` rows in `[tool.surfacelint.catalogue]`.

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
        direct = workload.call == workload.request
        until = "until it is answered" if direct else f"until the sync request {workload.request} is answered"
        message = (
            f"{workload.call} {'is a sync request and ' if direct else ''}blocks the event loop of the coroutine {workload.about} {until}: "
            "await an async client, or run it with asyncio.to_thread"
        )
        yield finding(workload, info, message)


RULE = Rule("SRF303", Severity.WARNING, check)
