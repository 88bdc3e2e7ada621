"""Each user request starts a realtime request in the background.

## What it does
Reports background tasks and threads that a request handler starts and that make a realtime request. Off by default:
some follow-ups are needed soon.

## Why it costs
The user has gone, so nobody waits, and yet every follow-up is at full price and competes with users for the rate limit.
Queue the inputs and submit them as a batch once an hour.

## Bad
```python
from fastapi import BackgroundTasks, FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI()


def tag(text: str) -> None:
    print(client.responses.create(model="gpt-5-mini", input=f"Tags for: {text}").output_text)


@app.post("/notes")
def save(text: str, tasks: BackgroundTasks) -> str:
    tasks.add_task(tag, text)
    return "saved"
```

## Good
```python
import json

from fastapi import FastAPI

app = FastAPI()


@app.post("/notes")
def save(text: str) -> str:
    with open("queue.jsonl", "a", encoding="utf-8") as queue:
        print(json.dumps({"text": text}), file=queue)
    return "saved"
```

## When to leave it
When the user sees the result within minutes.

## Fix
None: where inputs are queued is a matter of the application.

## Options
- Your own handlers are declared as `entry` rows in `[tool.surfacelint.catalogue]`.

## References
- FastAPI documentation: background tasks.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import batch_help, finding, remedy
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find requests that handlers start and do not wait for."""
    for workload in program.of_kind("started"):
        message = (
            f"{workload.spelled} starts a realtime request for each user's request ({workload.about}), and nobody waits for it: "
            f"queue the inputs and {remedy(workload)}"
        )
        yield finding(workload, info, message, batch_help(workload))


RULE = Rule("SRF402", Severity.INFO, check, default=False)
