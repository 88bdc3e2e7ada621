"""Requests are concurrent in name only: one runs at a time.

## What it does
Reports pools and executors of one worker, `Semaphore(1)` or a lock around each request, a `gather` of one, and `submit`
whose result is waited for at once, around requests over independent items.

## Why it costs
It has all the trouble of concurrency and none of the speed: 10,000 requests of 3 seconds take more than 8 hours, at
full price.

## Bad
```python
from concurrent.futures import ThreadPoolExecutor

from openai import OpenAI

client = OpenAI()


def label(text: str) -> str:
    return client.responses.create(model="gpt-5-mini", input=text).output_text


def label_all(texts: list[str]) -> list[str]:
    with ThreadPoolExecutor(max_workers=1) as pool:
        return list(pool.map(label, texts))
```

## Good
```python
from openai import OpenAI

client = OpenAI()


def submit(file_id: str) -> str:
    return client.batches.create(input_file_id=file_id, endpoint="/v1/responses", completion_window="24h").id
```

## When to leave it
When the limit of one is what you want, as with an account that allows one request at a time.

## Fix
None: raise the limit where somebody waits, submit a batch where nobody does.

## Options
- `min-items`: known lengths below this are silent (default 100).

## References
- Semaphores and locks are `limiter` rows of the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import batch_help, finding, nobody_waits, remedy, runs
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find repetitions whose concurrency is limited to one."""
    for workload, repetition in program.repeated():
        if not repetition.single:
            continue
        head = f"{runs(workload)}, one at a time ({repetition.single})"
        if workload.waiting.answer == "yes":
            yield finding(workload, info, f"{head}, and a user waits ({workload.waiting.entry}): let in more of them at a time")
        else:
            yield finding(workload, info, f"{head}, and {nobody_waits(workload)}: {remedy(workload)}", batch_help(workload))


RULE = Rule("SRF305", Severity.WARNING, check)
