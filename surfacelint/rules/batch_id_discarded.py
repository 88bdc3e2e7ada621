"""The id of a submitted batch is discarded.

## What it does
Reports the call that submits a batch if the returned batch is neither kept, returned, passed on, stored nor printed. If
a helper returns the batch, the caller that drops it is reported, at any depth.

## Why it costs
You fetch the results of a batch by its id, hours later and often from another process. Without the id, you pay for a
batch whose results expire unread, or you search all batches of the account by hand.

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
Ignore it if a webhook of the provider delivers the id, or if the collecting job finds batches by their metadata.

The rule does not report programs that list the batches of the account, and providers that write results to a location
the caller names, such as Bedrock and Vertex AI. The last value of a notebook cell is displayed and counts as kept.

## Fix
Unsafe, because it adds a line of output: the id goes to the logger of the file if the file already logs with `info`,
and to standard error otherwise. You decide where to store the id for good. There is no fix if the call is part of a
larger expression.

## Options
- Declare your own batch API as a `provider` with a `batch` table in `[tool.surfacelint.catalogue]`. Its `id` names the
  attribute to keep.

## References
- The batch guide of the provider. `surfacelint explain` shows what a call resolves to.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import finding
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find batches whose id is discarded."""
    for workload in program.of_kind("discarded"):
        api = workload.provider.batch
        name = "id" if api is None else api.id
        lost = f"discards its `{name}`" if not workload.about else f"`{workload.about}.{name}` is never read"
        yield finding(workload, info, f"`{workload.call}` submits a batch and {lost}: store the `{name}` to fetch the results")


RULE = Rule("SRF501", Severity.WARNING, check)
