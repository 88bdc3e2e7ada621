"""A batch is submitted where a user waits.

## What it does
Reports the call in a request handler, UI callback or bot command that submits a provider batch, at any call depth.

## Why it costs
The results of a batch arrive within hours, in the worst case after 24. Until then the user sees nothing, or a page that
stays empty.

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
Ignore it if the caller knows to come back later. Handlers that answer 202 Accepted say so and are not reported. If the
user needs the answer now, send realtime requests.

## Fix
None. Whether to answer now or later is a product decision. The finding shows a sketch of the remedy in the names of
your code.

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
    """Find batches that handlers submit and do not wait for."""
    for workload in program.of_kind("submitted"):
        if workload.poll or workload.accepted:
            continue
        later = "answer 202 and let the caller come back" if workload.about == "http" else "tell the user to come back later"
        message = f"`{workload.spelled}` submits a batch while a user waits ({workload.waiting.entry}): {later}, or send realtime requests"
        yield finding(workload, info, message, window_help(workload))


RULE = Rule("SRF201", Severity.WARNING, check)
