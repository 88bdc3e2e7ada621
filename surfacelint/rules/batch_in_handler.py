"""A batch is submitted where a user waits.

## What it does
Reports the call in a request handler, UI callback or bot command that submits a provider batch, at any call depth.

## Why it costs
A batch is answered within hours, 24 in the worst case. Whoever sent the request sees nothing until then, or a page that
never fills.

## Bad
```python
from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI()


@app.post("/summaries")
def summarise(file_id: str) -> dict[str, str]:
    batch = client.batches.create(input_file_id=file_id, endpoint="/v1/responses", completion_window="24h")
    return {"batch": batch.id}
```

## Good
```python
from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI()


@app.post("/summaries", status_code=202)
def summarise(file_id: str) -> dict[str, str]:
    batch = client.batches.create(input_file_id=file_id, endpoint="/v1/responses", completion_window="24h")
    return {"batch": batch.id}
```

## When to leave it
When the caller knows that it will have to come back. A handler that answers 202 Accepted says so, and is silent. If the
user needs the answer now, use the realtime surface.

## Fix
None: whether to answer now or later is a decision about the product.

## Options
- Your own handlers are declared as `entry` rows in `[tool.surfacelint.catalogue]`.

## References
- RFC 9110, section 15.3.3: 202 Accepted.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import batch_window, finding
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find batches that handlers submit and do not wait for."""
    for workload in program.of_kind("submitted"):
        if workload.polled or workload.accepted:
            continue
        later = "answer 202 and let the caller come back" if workload.about == "http" else "tell the user to come back later"
        message = (
            f"{workload.spelled} submits a batch while a user waits ({workload.waiting.entry}), and the answer comes "
            f"{batch_window(workload)}: {later}, or send realtime requests if it cannot wait"
        )
        yield finding(workload, info, message)


RULE = Rule("SRF201", Severity.WARNING, check)
