"""Realtime requests run concurrently over independent items and nobody waits.

## What it does
Reports requests that are repeated concurrently: `asyncio.gather`, task groups, executors, pools, joblib and the like,
over items that do not depend on each other, where no user waits for the answers.

## Why it costs
Concurrency makes it fast, not cheap: every request is at full price, and the faster they come the harder the rate limit
hits. The provider's batch API does the same fan-out on its side, usually at half the price.

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
When the answers are needed within minutes, or when there are few items. See `realtime-call-in-loop` (SRF101) for what
is silent already.

## Fix
None: moving to a batch splits the program in two, submitting and collecting.

## Options
- `min-items`: known lengths below this are silent (default 100).

## References
- Contexts that count as fan-out are rows of the catalogue and can be added in `[tool.surfacelint.catalogue]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import batch_help, finding, nobody_waits, remedy, runs
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find concurrent repetitions that nobody waits for."""
    for workload, repetition in program.repeated():
        if not repetition.concurrent or workload.waiting.answer == "yes":
            continue
        message = f"{runs(workload)}, concurrently but at full price, and {nobody_waits(workload)}: {remedy(workload)}"
        yield finding(workload, info, message, batch_help(workload))


RULE = Rule("SRF102", Severity.WARNING, check)
