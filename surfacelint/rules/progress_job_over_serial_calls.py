r"""A job, a stream or a socket reports progress over realtime requests that run one after another.

## What it does
Reports serial realtime requests over independent items in a loop that reports its progress: through the state of a task
(`update_state` of Celery, `save_meta` of RQ), a row saved in each iteration, a variable or object that a request
handler reads, an event that a generator yields to a streaming response, a message on a websocket, or an event on a
queue that a request handler reads.

## Why it costs
A job with a percentage looks asynchronous, but its requests wait for each other. Ten thousand items take a night at
full price while a person watches a number. If you can wait for a percentage, you can wait for a batch at half the
price. If you cannot, run the requests concurrently.

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
Ignore it if there are few items. Reports of stages, reports of the end, streams of a single answer, and loops whose
requests depend on each other are not reported.

## Fix
Unsafe, as for `realtime-call-in-loop` (SRF101). The reports of progress come when the answers have arrived.

## Options
- `min-items`: collections known to be shorter are not reported (default 100).
- Declare how your framework reports progress as a `progress` row of style `remote`, `channel`, `store` or `stream` in
  `[tool.surfacelint.catalogue]`.

## References
- The `progress` rows of the catalogue list all known ways to report progress.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import progress_over_serial_requests
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find serial repetitions that report their progress."""
    for workload, repetition in program.repeated():
        if repetition.concurrent or workload.report is None:
            continue
        yield progress_over_serial_requests(workload, info, workload.report, "reports")


RULE = Rule("SRF304", Severity.WARNING, check)
