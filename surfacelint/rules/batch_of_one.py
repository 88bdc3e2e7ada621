"""A batch is submitted for each item, with a single request in it.

## What it does
Reports the call in a loop that submits a batch whose list of requests, or whose file, holds just the request of one
item: `requests=[one]`, a list to which a round appends once, a file to which it writes one line. Helpers between the
loop and the batch are followed.

## Why it costs
A batch is paid for with waiting, and what is bought is one job for thousands of requests. A batch for each item waits
as long, needs as many calls as there are items to submit, poll and collect, and runs into the provider's limits on
batches: OpenAI refuses more than 2,000 an hour, Bedrock those with less than 100 requests.

## Bad
```python
import anthropic

client = anthropic.Anthropic()


def submit(texts: list[str]) -> list[str]:
    ids = []
    for number, text in enumerate(texts):
        params = {"model": "claude-sonnet-5", "max_tokens": 500, "messages": [{"role": "user", "content": text}]}
        batch = client.messages.batches.create(requests=[{"custom_id": str(number), "params": params}])
        ids.append(batch.id)
    return ids
```

## Good
```python
import anthropic

client = anthropic.Anthropic()


def submit(texts: list[str]) -> str:
    requests = []
    for number, text in enumerate(texts):
        params = {"model": "claude-sonnet-5", "max_tokens": 500, "messages": [{"role": "user", "content": text}]}
        requests.append({"custom_id": str(number), "params": params})
    return client.messages.batches.create(requests=requests).id
```

## When to leave it
When the items arrive one by one, hours apart. Batches of chunks, of what an inner loop collects for each customer or
file, and of what we cannot see into are silent, as are loops over a few items.

## Fix
None: collect the requests in the loop, submit behind it.

## Options
- `min-items`: known lengths below this are silent (default 100).
- Where your own batch API takes its requests is said by `keywords` and `files` of its `batch-submit` row in
  `[tool.surfacelint.catalogue]`.

## References
- The guide of the provider's batch API says how many requests one batch takes.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import finding, runs
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find batches of one request that a loop submits."""
    for workload in program.of_kind("batch-of-one"):
        api = workload.provider.batch
        room = f", which takes up to {api.max_requests:,}" if api is not None and api.max_requests else ""
        message = f"{runs(workload)} and submits a batch of one request: collect the requests and submit one batch{room}"
        yield finding(workload, info, message)


RULE = Rule("SRF504", Severity.WARNING, check)
