"""A user waits for requests that run one after another.

## What it does
Reports request handlers that send sync realtime requests over independent items one after another. The rule is off by
default, because a few items may be fine. Awaited requests are reported by `serial-await` (SRF302).

## Why it costs
The user waits for the sum of all answers. Run concurrently, the requests take as long as the slowest one.

## Bad
```python
from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI()


@app.post("/labels")
def label(texts: list[str]) -> list[str]:
    return [client.responses.create(model="gpt-5-mini", input=text).output_text for text in texts]
```

## Good
```python
import asyncio

from fastapi import FastAPI
from openai import AsyncOpenAI

app = FastAPI()
client = AsyncOpenAI()


@app.post("/labels")
async def label(texts: list[str]) -> list[str]:
    answers = await asyncio.gather(*[client.responses.create(model="gpt-5-mini", input=text) for text in texts])
    return [answer.output_text for answer in answers]
```

## When to leave it
Ignore it if there are two or three items, or if the rate limit allows one request at a time.

## Fix
None yet. The finding shows a sketch of the remedy in the names of your code.

## Options
- `min-items`: collections known to be shorter are not reported (default 100).

## References
- Python documentation: `asyncio.gather`.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import finding, runs
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find serial repetitions of sync requests that a user waits for."""
    for workload, repetition in program.repeated():
        is_serial_await = workload.awaited and workload.endpoint.mode == "async"
        if repetition.concurrent or is_serial_await or workload.waiting.answer != "yes":
            continue
        message = f"{runs(workload)}, one after another, while a user waits ({workload.waiting.entry}): run the requests concurrently"
        yield finding(workload, info, message)


RULE = Rule("SRF306", Severity.INFO, check, default=False)
