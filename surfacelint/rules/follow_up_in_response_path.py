"""A user waits for a request whose result the response does not use.

## What it does
Reports a realtime request in a request handler if neither the response nor a decision about it uses the result, while
the response uses the result of another request. Typical follow-ups are tags, summaries, titles, and scores for a log.

## Why it costs
The user waits for seconds that the answer does not need, at full price. Answer first, then run the follow-up in the
background, or queue it for a batch at about half the price.

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
Ignore it if the response may only be sent after the follow-up.

## Fix
None. Your application decides what may run later. The finding shows a sketch of the remedy in the names of your code.

## Options
- Declare your own handlers as `entry` rows in `[tool.surfacelint.catalogue]`.

## References
- `surfacelint rule SRF402` explains follow-ups that run in the background.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import batch_help, finding, queue_remedy
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find requests that a handler waits for and does not use."""
    for workload in program.of_kind("follow-up"):
        message = (
            f"`{workload.call}` sends a realtime request that the response does not use, while a user waits ({workload.about}): "
            f"run it in the background, or {queue_remedy(workload)}"
        )
        yield finding(workload, info, message, batch_help(workload))


RULE = Rule("SRF401", Severity.WARNING, check)
