"""Realtime requests run concurrently over independent items and no user waits.

## What it does
Reports requests that are repeated concurrently with `asyncio.gather`, task groups, executors, pools, joblib and the
like, if the items are independent of each other and no user waits for the answers.

## Why it costs
Concurrency makes the run faster, not cheaper: every request is charged at full price, and the rate limit is reached
sooner. The provider's batch API does the same fan-out on its side, usually at half the price.

## Bad
```python
import asyncio

from anthropic import AsyncAnthropic

client = AsyncAnthropic()


async def label(text: str) -> str:
    message = await client.messages.create(
        model="claude-haiku-4-5", max_tokens=20, messages=[{"role": "user", "content": text}]
    )
    return message.content[0].text


async def label_all(texts: list[str]) -> list[str]:
    return await asyncio.gather(*[label(text) for text in texts])
```

## Good
```python
from anthropic import Anthropic

client = Anthropic()


def submit(texts: list[str]) -> str:
    requests = [
        {
            "custom_id": str(number),
            "params": {"model": "claude-haiku-4-5", "max_tokens": 20, "messages": [{"role": "user", "content": text}]},
        }
        for number, text in enumerate(texts)
    ]
    return client.messages.batches.create(requests=requests).id
```

## When to leave it
Ignore it if you need the answers within minutes, or if there are few items. `realtime-call-in-loop` (SRF101) lists what
is never reported.

## Fix
Unsafe, as for `realtime-call-in-loop` (SRF101). The requests are prepared as a batch, and the code that starts them
stays.

## Options
- `min-items`: collections known to be shorter are not reported (default 100).

## References
- Fan-out functions are rows of the catalogue. Add your own in `[tool.surfacelint.catalogue]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import batch_help, finding, no_user_waits, remedy, runs
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find concurrent repetitions that no user waits for."""
    for workload, repetition in program.repeated():
        if not repetition.concurrent or workload.waiting.answer == "yes":
            continue
        message = f"{runs(workload)}, concurrently at full price, {no_user_waits(workload)}: {remedy(workload)}"
        yield finding(workload, info, message, batch_help(workload))


RULE = Rule("SRF102", Severity.WARNING, check)
