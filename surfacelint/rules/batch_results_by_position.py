"""Batch results are joined to their inputs by position.

## What it does
Reports results that are combined with other data in the order of arrival (`zip`, the same index into both, a column or
table made of both), if the provider does not guarantee an order and no code reads the key that names the request of a
result.

## Why it costs
Results arrive in the order in which requests were completed. Joined by position, any answer may end up beside the wrong
input, and one failed request shifts everything after it. No error is raised: the data is wrong.

## Bad
```python
import anthropic

client = anthropic.Anthropic()


def collect(batch_id: str, texts: list[str]) -> list[tuple[str, str]]:
    done = [entry for entry in client.messages.batches.results(batch_id) if entry.result.type == "succeeded"]
    return [(text, entry.result.message.content[0].text) for text, entry in zip(texts, done)]
```

## Good
```python
import anthropic

client = anthropic.Anthropic()


def collect(batch_id: str, texts: dict[str, str]) -> list[tuple[str, str]]:
    done = [entry for entry in client.messages.batches.results(batch_id) if entry.result.type == "succeeded"]
    return [(texts[entry.custom_id], entry.result.message.content[0].text) for entry in done]
```

## When to leave it
Never, unless code outside the project has sorted the results. Results that are sorted, or whose key is read, and
providers that keep the order of requests are not reported.

## Fix
Unsafe. If the same file submits the requests, and each gets its key from the position of its item (`"custom_id":
f"review-{number}"`) or from the item, the results are put in a dict by key and read in the order of the inputs. A
result that is missing raises a `KeyError`, unless the code already left out failed results. If the file does not show
the keys, or the results are already reduced to their answers, there is no fix.

## Options
- Declare your own batch API as a `provider` with a `batch` table in `[tool.surfacelint.catalogue]`. Its `order` states
  what the provider guarantees, and its `key` names the join key.

## References
- The batch guide of the provider states the order of results.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import finding
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find results that are joined by position."""
    for workload in program.of_kind("positional"):
        key = "key" if workload.provider.batch is None else workload.provider.batch.key
        message = (
            f"results of `{workload.call}` arrive in any order, but are joined to `{workload.about}` by position: join them by `{key}`"
        )
        yield finding(workload, info, message)


RULE = Rule("SRF503", Severity.WARNING, check)
