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
Unsafe. The loop is split in three: it collects the inputs of all items, sends them as lists of at most 500 or as many
as the endpoint takes, and runs the rest of its body for each item, in the same order. If a helper sends the request,
a function for lists is added beside it, and the loop calls that. No items means no request.

A bad input now fails its whole list, and what the loop does for an item happens after all requests. There is no fix,
and the finding names what is in the way, if

- the loop may end early, or an item needs what an earlier item left behind,
- a `try`, a retry or a `with` stands around a single request,
- something observable happens both before and after a request (two `print` calls, for example),
- the code uses more of a response than the result for its input, such as `response.usage`,
- more than one function stands between the loop and the request.

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
