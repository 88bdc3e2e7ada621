"""Answers are taken of the results of a batch, and nothing looks whether there are any.

## What it does
Reports where the answer of a model is taken of a result, if neither the function, nor a helper that it hands results
to, nor a caller looks at failures: the type of a result, its error or status code, the error file or the counts of the
batch. A test whether there is an answer counts as a look. So does a `try` around the place, unless the provider keeps
failed requests apart from the results: then nothing fails there, and the `try` sees none of them.

## Why it costs
A batch that has ended well may hold requests that failed or expired. With some providers these are missing from the
output and stand in a file of their own: they are lost without a trace. With others the answer is missing, and the whole
run ends in an error, after a night.

## Bad
```python
import anthropic

client = anthropic.Anthropic()


def collect(batch_id: str) -> dict[str, str]:
    return {entry.custom_id: entry.result.message.content[0].text for entry in client.messages.batches.results(batch_id)}
```

## Good
```python
import anthropic

client = anthropic.Anthropic()


def collect(batch_id: str) -> tuple[dict[str, str], list[str]]:
    answers, failed = {}, []
    for entry in client.messages.batches.results(batch_id):
        if entry.result.type == "succeeded":
            answers[entry.custom_id] = entry.result.message.content[0].text
        else:
            failed.append(entry.custom_id)
    return answers, failed
```

## When to leave it
When something else compares what came back with what was sent. Results that are only stored, or handed to what cannot
be followed, are silent.

## Fix
None: what to do about requests that failed is yours to say.

## Options
- Your own batch API is a `provider` with a `batch` table in `[tool.surfacelint.catalogue]`, where `answers` and
  `failures` say what is looked for.

## References
- The guide of the provider's batch API says how failures are told; the catalogue's `errors` has it in words.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import finding
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find answers that are taken as if every request had succeeded."""
    for workload in program.of_kind("unchecked"):
        api = workload.provider.batch
        told = "what failed" if api is None or not api.errors else api.errors
        message = f"the answers in the results of {workload.call} are read as if no request had failed: look at {told}"
        yield finding(workload, info, message)


RULE = Rule("SRF502", Severity.WARNING, check)
