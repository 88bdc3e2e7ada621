"""A scheduled or queued job sends a realtime request per run.

## What it does
Reports realtime requests that a job of a task queue or scheduler sends once per run, without a loop. The rule is off by
default, because a job may run once a night or 10,000 times an hour.

## Why it costs
A queue that runs the job once per item is a loop that no single file shows. No user waits for the answers, and each is
charged at full price.

## Bad
```python
from celery import shared_task
from openai import OpenAI

client = OpenAI()


@shared_task
def summarise(text: str) -> str:
    return client.responses.create(model="gpt-5-mini", input=f"Summarise: {text}").output_text
```

## Good
```python
from celery import shared_task
from openai import OpenAI

client = OpenAI()


@shared_task
def submit(file_id: str) -> str:
    return client.batches.create(input_file_id=file_id, endpoint="/v1/responses", completion_window="24h").id
```

## When to leave it
Ignore it if the job runs rarely, or if a user waits for its result.

## Fix
None. Collect the inputs and submit the requests as one batch. The finding shows a sketch of the remedy in the names of
your code.

## Options
- Declare your own jobs as `entry` rows in `[tool.surfacelint.catalogue]`.

## References
- `surfacelint rule SRF101` explains jobs with a loop.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import batch_help, finding, queue_remedy
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find requests that jobs send once per run."""
    for workload in program.of_kind("scheduled"):
        message = f"`{workload.call}` sends one realtime request per run of {workload.about}: if it runs often, {queue_remedy(workload)}"
        yield finding(workload, info, message, batch_help(workload))


RULE = Rule("SRF106", Severity.INFO, check, default=False)
