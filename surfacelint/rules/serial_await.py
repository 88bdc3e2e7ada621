"""Realtime requests are awaited one after another in a loop.

## What it does
Reports loops over independent items that await one realtime request after another, directly or through coroutines.

## Why it costs
`async` gains nothing here: the second request starts when the first has been answered. The run takes as long as with
sync calls, at full price. If no user waits, one batch is cheaper. If a user waits, `asyncio.gather` or a task group is
faster.

## Bad
```python
from openai import AsyncOpenAI

client = AsyncOpenAI()


async def label_all(texts: list[str]) -> list[str]:
    labels = []
    for text in texts:
        response = await client.responses.create(model="gpt-5-mini", input=text)
        labels.append(response.output_text)
    return labels
```

## Good
```python
import json

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def submit(texts: list[str], path: str) -> str:
    with open(path, "w", encoding="utf-8") as file:
        for number, text in enumerate(texts):
            body = {"model": "gpt-5-mini", "input": text}
            print(json.dumps({"custom_id": str(number), "method": "POST", "url": "/v1/responses", "body": body}), file=file)
    with open(path, "rb") as file:
        upload = await client.files.create(file=file, purpose="batch")
    batch = await client.batches.create(input_file_id=upload.id, endpoint="/v1/responses", completion_window="24h")
    return batch.id
```

## When to leave it
Ignore it if the calls must run in this order, for example because of a rate limit of one request or a side effect
between two calls.

## Fix
Unsafe, as for `realtime-call-in-loop` (SRF101), with `async for` over the passes of the batch.

## Options
- `min-items`: collections known to be shorter are not reported (default 100).

## References
- Python documentation: `asyncio.gather`, `asyncio.TaskGroup`.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import batch_help, finding, no_user_waits, remedy, runs
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find loops that await each request before the next."""
    for workload, repetition in program.repeated():
        if repetition.concurrent or not workload.awaited or workload.waiting.answer == "yes":
            continue
        head = f"{runs(workload)}, each awaited before the next"
        if workload.waiting.answer == "no":
            message = f"{head}, {no_user_waits(workload)}: {remedy(workload)}"
        else:
            message = f"{head}: {remedy(workload)}, or gather the calls if a user waits"
        yield finding(workload, info, message, batch_help(workload))


RULE = Rule("SRF302", Severity.WARNING, check)
