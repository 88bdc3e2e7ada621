"""A handler waits until a batch ends.

## What it does
Reports the call in a request handler, UI callback or bot command that submits a provider batch, if the handler also
waits until the batch ends: in a polling loop, or through a helper that submits, polls and returns. The trace shows
where it waits.

## Why it costs
A batch may take hours. The connection times out long before, the caller tries again, and you pay for a second batch.

## Bad
```python
import time

from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI()


@app.post("/summaries")
def summarise(file_id: str) -> str:
    batch = client.batches.create(input_file_id=file_id, endpoint="/v1/responses", completion_window="24h")
    while client.batches.retrieve(batch.id).status not in ("completed", "failed", "expired", "cancelled"):
        time.sleep(10)
    return batch.id
```

## Good
```python
from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI()


@app.post("/summaries", status_code=202)
def summarise(file_id: str) -> str:
    return client.batches.create(input_file_id=file_id, endpoint="/v1/responses", completion_window="24h").id


@app.get("/summaries/{batch_id}")
def status(batch_id: str) -> str:
    return client.batches.retrieve(batch_id).status
```

## When to leave it
Never ignore it in a handler that a person waits for.

## Fix
None. Submit the batch in the handler, store its id, and collect the results in a job. The finding shows a sketch of the
remedy in the names of your code.

## Options
- Declare your own handlers as `entry` rows in `[tool.surfacelint.catalogue]`.

## References
- RFC 9110, section 15.3.3: 202 Accepted.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import finding, window_help
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find batches that handlers wait for."""
    for workload in program.of_kind("submitted"):
        if not workload.poll:
            continue
        waits = "waits until it ends" if workload.poll == workload.call else f"`{workload.poll}` waits until it ends"
        message = (
            f"`{workload.spelled}` submits a batch and {waits} while a user waits ({workload.waiting.entry}): "
            "store the id and collect the results in a job"
        )
        yield finding(workload, info, message, window_help(workload))


RULE = Rule("SRF202", Severity.ERROR, check)
