"""Results of a batch are joined to their inputs by position.

## What it does
Reports results that are put beside something else in the order in which they came (`zip`, the same index into both, a
column or table made of both), where the provider does not promise any order and nothing reads the key that says which
request a result belongs to.

## Why it costs
Results come in the order in which requests were done. Joined by position every answer may stand beside another input,
and so does everything after a request that failed. Nothing raises an error: the data is wrong.

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
Never, unless something that we do not see has put the results in order. Whatever sorts them, or reads the key, is
silent, and so are providers that keep the order of the requests.

## Fix
None: which input a key means is yours to say.

## Options
- Your own batch API is a `provider` with a `batch` table in `[tool.surfacelint.catalogue]`, where `order` and `key` say
  what is promised and what joins.

## References
- The guide of the provider's batch API says in which order results come.
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
        message = f"results of {workload.call} come in any order and are joined to {workload.about} by position: join them by {key}"
        yield finding(workload, info, message)


RULE = Rule("SRF503", Severity.WARNING, check)
