"""A user waits for a request whose result the response does not use.

## What it does
Reports a realtime request in a request handler whose result goes neither into the response nor into a decision about
it, while another request's result does: tags, summaries, titles, scores for the log.

## Why it costs
The user waits for seconds that the answer does not need, at full price. Answer first; what follows can run in the
background, or be queued for a batch at about half the price.

## Bad
```python
from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI()


def ask(text: str) -> str:
    return client.responses.create(model="gpt-5-mini", input=text).output_text


def log_topic(question: str) -> None:
    topic = ask(f"Name the topic of: {question}")
    print(topic)


@app.post("/answer")
def answer(question: str) -> str:
    text = ask(question)
    log_topic(question)
    return text
```

## Good
```python
from fastapi import BackgroundTasks, FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI()


def ask(text: str) -> str:
    return client.responses.create(model="gpt-5-mini", input=text).output_text


def log_topic(question: str) -> None:
    topic = ask(f"Name the topic of: {question}")
    print(topic)


@app.post("/answer")
def answer(question: str, tasks: BackgroundTasks) -> str:
    text = ask(question)
    tasks.add_task(log_topic, question)
    return text
```

## When to leave it
When the response may only be sent once the follow-up is done.

## Fix
None: what may run later is a matter of the application.

## Options
- Your own handlers are declared as `entry` rows in `[tool.surfacelint.catalogue]`.

## References
- `surfacelint rule SRF402`, for follow-ups that run in the background.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import batch_help, finding, remedy
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find requests that a handler waits for and does not use."""
    for workload in program.of_kind("follow-up"):
        message = (
            f"{workload.call} sends a realtime request that the response does not use, and a user waits for it ({workload.about}): "
            f"answer first and run it in the background, or queue its inputs and {remedy(workload)}"
        )
        yield finding(workload, info, message, batch_help(workload))


RULE = Rule("SRF401", Severity.WARNING, check)
