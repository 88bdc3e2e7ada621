"""Each user request starts a realtime request in the background.

## What it does
Reports background tasks and threads that a request handler starts and that send a realtime request. The rule is off by
default, because some follow-ups are needed soon.

## Why it costs
No user waits for the follow-up, yet it is charged at full price and competes with users for the rate limit. Queue the
inputs and submit a batch, for example once an hour.

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
Ignore it if the user sees the result within minutes.

## Fix
None. Your application decides where to queue inputs. The finding shows a sketch of the remedy in the names of your
code.

## Options
- Declare your own handlers as `entry` rows in `[tool.surfacelint.catalogue]`.

## References
- FastAPI documentation: background tasks.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import batch_help, finding, queue_remedy
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find requests that handlers start and do not wait for."""
    for workload in program.of_kind("started"):
        message = (
            f"`{workload.spelled}` starts one realtime request per user request ({workload.about}), no user waits for it: "
            f"{queue_remedy(workload)}"
        )
        yield finding(workload, info, message, batch_help(workload))


RULE = Rule("SRF402", Severity.INFO, check, default=False)
