"""Realtime requests are awaited one after another in a loop.

## What it does
Reports loops over independent items that await one realtime request after another, directly or through coroutines,
whether or not a user waits for them. Where a user reads each answer as it arrives, because the loop yields or sends it,
nothing is reported.

## Why it costs
`async` gains nothing here: the second request starts when the first has been answered. The run takes as long as with
sync calls, at full price. If no user waits, one batch is cheaper. If a user waits, the wait is the sum of all answers;
with `asyncio.gather` or a task group it is as long as the slowest.

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
Unsafe, as for `realtime-call-in-loop` (SRF101), with `async for` over the passes of the batch. If a user waits there is
none: the finding shows a sketch that gathers the calls.

## Options
- `min-items`: collections known to be shorter are not reported (default 100).

## References
- Python documentation: `asyncio.gather`, `asyncio.TaskGroup`.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import batch_help, finding, list_remedy, no_user_waits, remedy, runs
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find loops that await each request before the next."""
    for workload, repetition in program.repeated():
        if repetition.concurrent or not workload.awaited:
            continue
        head = f"{runs(workload)}, each awaited before the next"
        if workload.waiting.answer == "yes":
            # Sync requests would not overlap either, and a user who reads each answer as it arrives does not wait for the last.
            if workload.shown or workload.endpoint.mode != "async":
                continue
            advice = list_remedy(workload) if workload.endpoint.takes_list else "gather the calls"
            yield finding(workload, info, f"{head}, while a user waits ({workload.waiting.entry}): {advice}")
            continue
        if workload.waiting.answer == "no":
            message = f"{head}, {no_user_waits(workload)}: {remedy(workload)}"
        else:
            message = f"{head}: {remedy(workload)}, or gather the calls if a user waits"
        yield finding(workload, info, message, batch_help(workload))


RULE = Rule("SRF302", Severity.WARNING, check)
