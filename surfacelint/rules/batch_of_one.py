"""A loop submits one batch per item, each with a single request.

## What it does
Reports the call in a loop that submits a batch whose list or file of requests holds only the request of one item:
`requests=[one]`, a list with one append per iteration, or a file with one line written per iteration. The rule follows
helpers between the loop and the batch.

## Why it costs
A batch trades waiting time for a lower price on thousands of requests. A batch per item waits just as long, needs as
many calls to submit, poll and collect as there are items, and runs into the provider's limits on batches: OpenAI
refuses more than 2,000 per hour, and Bedrock refuses batches with fewer than 100 requests.

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
Ignore it if the items arrive one by one, hours apart. The rule does not report batches of chunks, batches that an inner
loop collects for each customer or file, batches whose contents are unknown, and loops over a few items.

## Fix
None. Collect the requests in the loop and submit one batch after it. The finding shows a sketch of the remedy in the
names of your code.

## Options
- `min-items`: collections known to be shorter are not reported (default 100).
- For your own batch API, `keywords` and `files` of its `batch-submit` row in `[tool.surfacelint.catalogue]` name the
  arguments that take the requests.

## References
- The batch guide of the provider states how many requests one batch takes.
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
        room = f" (up to {api.max_requests:,} requests)" if api is not None and api.max_requests else ""
        message = f"{runs(workload)} and submits a batch of one request: collect all requests into one batch{room}"
        yield finding(workload, info, message)


RULE = Rule("SRF504", Severity.WARNING, check)
