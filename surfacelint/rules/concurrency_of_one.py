"""Requests are concurrent in name only: one runs at a time.

## What it does
Reports requests over independent items that run one at a time in spite of concurrency: a pool or executor with one
worker, `Semaphore(1)` or a lock around each request, a `gather` of one call, and `submit` whose result is waited for at
once.

## Why it costs
The code has the complexity of concurrency without its speed. 10,000 requests of 3 seconds take more than 8 hours, at
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
Ignore it if you want a limit of one, for example because your account allows one request at a time.

## Fix
Unsafe, as for `realtime-call-in-loop` (SRF101). If a user waits, raise the limit instead.

## Options
- `min-items`: collections known to be shorter are not reported (default 100).

## References
- Semaphores and locks are `limiter` rows of the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import batch_help, finding, no_user_waits, remedy, runs
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
            yield finding(workload, info, f"{head} while a user waits ({workload.waiting.entry}): raise the limit")
        else:
            yield finding(workload, info, f"{head}, {no_user_waits(workload)}: {remedy(workload)}", batch_help(workload))


RULE = Rule("SRF305", Severity.WARNING, check)
