r"""A job, a stream or a socket reports progress over realtime requests that run one after another.

## What it does
Reports serial realtime requests over independent items in a loop that tells somebody how far it is: by the state of
a task (`update_state` of Celery, `save_meta` of RQ), a row that is saved in each round, a variable or object that a
request handler reads, an event that a generator yields to a streaming response, a message on a websocket, an event on a
queue from which the handler of a request takes it.

## Why it costs
A job with a percentage looks asynchronous. Beneath it the requests wait for each other, so that ten thousand items
take a night at full price while somebody watches a number. Whoever can wait for a percentage can wait for a batch, at
half the price; whoever cannot is served by requests that run concurrently.

## Bad
```python
from celery import Celery
from openai import OpenAI

app = Celery("shop")
client = OpenAI()


@app.task(bind=True)
def describe(self, names: list[str]) -> list[str]:
    found = []
    for number, name in enumerate(names):
        found.append(client.responses.create(model="gpt-5-mini", input=f"Describe {name}").output_text)
        self.update_state(state="PROGRESS", meta={"done": number + 1, "total": len(names)})
    return found
```

## Good
```python
import io
import json

from celery import Celery
from openai import OpenAI

app = Celery("shop")
client = OpenAI()


@app.task
def describe(names: list[str]) -> str:
    lines = []
    for number, name in enumerate(names):
        body = {"model": "gpt-5-mini", "input": f"Describe {name}"}
        lines.append(json.dumps({"custom_id": str(number), "method": "POST", "url": "/v1/responses", "body": body}))
    file = client.files.create(file=io.BytesIO("\n".join(lines).encode()), purpose="batch")
    return client.batches.create(input_file_id=file.id, endpoint="/v1/responses", completion_window="24h").id
```

## When to leave it
When the items are few. Reports of stages and of the end, and what streams of one answer, are no reports of a loop and
silent. So are loops whose requests need each other.

## Fix
None: see `realtime-call-in-loop` (SRF101). To keep the report, take it from the batch: its counts of completed and
failed requests are the progress.

## Options
- `min-items`: known lengths below this are silent (default 100).
- What reports in your framework is a `progress` row of style `remote`, `channel`, `store` or `stream` in
  `[tool.surfacelint.catalogue]`.

## References
- The catalogue's `progress` rows list all ways to report that are known.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import serial_beneath
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find serial repetitions that report their progress."""
    for workload, repetition in program.repeated():
        if repetition.concurrent or workload.report is None:
            continue
        yield serial_beneath(workload, info, workload.report, "reports")


RULE = Rule("SRF304", Severity.WARNING, check)
