"""A loop that waits for a batch never ends if the batch does not go well.

## What it does
Reports the call that asks for the state of a batch in a `while` loop which is left once the batch has succeeded, and
never in one of the other states in which a batch ends: failed, expired, partly completed. The loop is run in thought
with the batch in each of its terminal states; deadlines, counters, and helpers that raise count as ways out.

## Why it costs
A batch that has failed stays failed, and one that took too long has expired for good. The job that waits for it spins
until somebody kills it, asks for the state all night, and nobody is told that there will be no results.

## Bad
```python
import time

from openai import OpenAI

client = OpenAI()


def wait(batch_id: str) -> str:
    batch = client.batches.retrieve(batch_id)
    while batch.status != "completed":
        time.sleep(60)
        batch = client.batches.retrieve(batch_id)
    return batch.output_file_id
```

## Good
```python
import time

from openai import OpenAI

client = OpenAI()


def wait(batch_id: str) -> str:
    batch = client.batches.retrieve(batch_id)
    while batch.status not in ("completed", "failed", "expired", "cancelled"):
        time.sleep(60)
        batch = client.batches.retrieve(batch_id)
    if batch.status != "completed":
        raise RuntimeError(f"batch {batch_id} is {batch.status}: {batch.errors}")
    return batch.output_file_id
```

## When to leave it
When something outside ends the job after a while, and tells you. Loops that know every terminal state but that of a
batch which you cancel yourself are silent, as are those with a deadline or a number of attempts, and those of providers
with one terminal state for all, such as Anthropic's `ended`.

## Fix
None: what to do about a batch that failed is yours to say.

## Options
- Your own batch API is a `provider` with a `batch` table in `[tool.surfacelint.catalogue]`, where `status`, `done`,
  `success` and `cancelled` say what is asked for.

## References
- The terminal states are those of the provider's documentation; `surfacelint explain` shows what a call resolves to.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import finding
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find loops that wait for a batch and do not know all of its ends."""
    for workload in program.of_kind("endless-poll"):
        message = (
            f"the loop around {workload.call} never ends once the batch is {workload.about}: leave it in every state in which "
            "a batch ends, and say which it was"
        )
        yield finding(workload, info, message)


RULE = Rule("SRF505", Severity.WARNING, check)
