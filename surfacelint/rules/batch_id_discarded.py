"""The id of a submitted batch is lost.

## What it does
Reports the call that submits a batch and does nothing with what comes back: neither kept, returned, passed on, stored
nor printed. Where a helper returns the batch, the caller that drops it is reported, at any depth.

## Why it costs
The results of a batch are fetched by its id, hours later, often by another process. Without the id the batch is paid
for and its results expire unread, or somebody looks for it by hand among all batches of the account.

## Bad
```python
from openai import OpenAI

client = OpenAI()


def submit(file_id: str) -> None:
    client.batches.create(input_file_id=file_id, endpoint="/v1/responses", completion_window="24h")
```

## Good
```python
from pathlib import Path

from openai import OpenAI

client = OpenAI()


def submit(file_id: str) -> None:
    batch = client.batches.create(input_file_id=file_id, endpoint="/v1/responses", completion_window="24h")
    Path("batch.txt").write_text(batch.id)
```

## When to leave it
When a webhook of the provider brings the id, or whoever collects finds batches by their metadata. A program that lists
the batches of the account anywhere is silent, and so are providers that write results to a place which the submitter
names, such as Bedrock and Vertex AI. The last value of a notebook cell is shown and counts as kept.

## Fix
None: where to keep the id is yours to say.

## Options
- Your own batch API is a `provider` with a `batch` table in `[tool.surfacelint.catalogue]`, where `id` is the name to
  keep.

## References
- The guide of the provider's batch API; `surfacelint explain` shows what a call resolves to.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import finding
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find batches whose id is lost."""
    for workload in program.of_kind("discarded"):
        api = workload.provider.batch
        name = "id" if api is None else api.id
        lost = f"its {name} is lost" if not workload.about else f"{workload.about}.{name} is never read"
        yield finding(workload, info, f"{workload.call} submits a batch and {lost}: store the {name}, the results are fetched by it")


RULE = Rule("SRF501", Severity.WARNING, check)
