"""A polling loop never ends if the batch fails.

## What it does
Reports the call that asks for the state of a batch in a `while` loop that exits after success, but in at least one
other terminal state (failed, expired, partly completed) never does. The rule simulates the loop with the batch in each
of its terminal states. Deadlines, counters, and helpers that raise count as exits.

## Why it costs
A failed batch stays failed, and an expired one stays expired. The job that waits for it polls until it is killed, and
you never learn that there will be no results.

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
Ignore it if code outside the loop stops the job after a while and tells you.

The rule does not report loops that miss only the state of a batch that you cancel yourself, loops with a deadline or a
limited number of attempts, and providers with a single terminal state, such as Anthropic's `ended`.

## Fix
Unsafe. The loop raises an error in the terminal states that it missed, and a `TimeoutError` after the time in which
the provider ends every job (24 hours for most, or the `completion_window` in the same function). Pauses start at 5
seconds and double up to 60; a pause that a variable sets starts at its value, and one that the loop computes stays. A
check inside a `try` goes to its `else`, so that its `except` does not catch it.

## Options
- Declare your own batch API as a `provider` with a `batch` table in `[tool.surfacelint.catalogue]`. Its `status`,
  `done`, `success` and `cancelled` describe the states.

## References
- The documentation of the provider lists the terminal states. `surfacelint explain` shows what a call resolves to.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import finding
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find polling loops that miss a terminal state of the batch."""
    for workload in program.of_kind("endless-poll"):
        message = f"the loop around `{workload.call}` never ends if the batch is {workload.about}: exit in every terminal state"
        yield finding(workload, info, message)


RULE = Rule("SRF505", Severity.WARNING, check)
