"""An endpoint that takes a list gets one input per request.

## What it does
Reports embedding, moderation and similar requests that a loop, a fan-out or a column function sends one by one, if one
request takes many independent inputs. The rule also fires in request handlers, where a list is faster as well.

## Why it costs
Each request pays for a round trip and counts against the rate limit. Lists of 100 inputs need 100 times fewer requests,
at the same price per token.

## Bad
```python
from openai import OpenAI

client = OpenAI()


def index(chunks: list[str]) -> list[list[float]]:
    vectors = []
    for chunk in chunks:
        response = client.embeddings.create(model="text-embedding-3-small", input=chunk)
        vectors.append(response.data[0].embedding)
    return vectors
```

## Good
```python
from openai import OpenAI

client = OpenAI()


def index(chunks: list[str]) -> list[list[float]]:
    vectors = []
    for start in range(0, len(chunks), 500):
        response = client.embeddings.create(model="text-embedding-3-small", input=chunks[start : start + 500])
        vectors += [row.embedding for row in response.data]
    return vectors
```

## When to leave it
Ignore it if inputs arrive one at a time, so that there is no list to send.

## Fix
None yet.

## Options
- `min-items`: collections known to be shorter are not reported (default 100).

## References
- `surfacelint providers NAME` lists the endpoints that take a list.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import finding, list_remedy, runs
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find repeated requests with one input each to endpoints that take lists."""
    for workload, _ in program.repeated():
        if workload.endpoint.takes_list:
            yield finding(workload, info, f"{runs(workload)}, one input per request: {list_remedy(workload)}")


RULE = Rule("SRF104", Severity.WARNING, check)
