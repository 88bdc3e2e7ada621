"""A realtime request is repeated over independent items and no user waits.

## What it does
Reports calls that send one realtime request per item of a loop, comprehension or `map`, one after another, if the items
are independent of each other and no user waits for the answers. The request may be several functions and modules away:
the trace shows the path to it.

## Why it costs
Providers offer the same models through a batch API, usually at half the price. Ten thousand requests of three seconds
each, one after another, take more than eight hours at full price and run into the rate limit. One batch takes minutes
to a day and costs half.

## Bad
```python
from openai import OpenAI

client = OpenAI()


def summarise(reviews: list[str]) -> list[str]:
    summaries = []
    for review in reviews:
        response = client.responses.create(model="gpt-5-mini", input=f"Summarise: {review}")
        summaries.append(response.output_text)
    return summaries
```

## Good
```python
import json

from openai import OpenAI

client = OpenAI()


def submit(reviews: list[str], path: str) -> str:
    with open(path, "w", encoding="utf-8") as file:
        for number, review in enumerate(reviews):
            body = {"model": "gpt-5-mini", "input": f"Summarise: {review}"}
            line = {"custom_id": str(number), "method": "POST", "url": "/v1/responses", "body": body}
            print(json.dumps(line), file=file)
    with open(path, "rb") as file:
        upload = client.files.create(file=file, purpose="batch")
    batch = client.batches.create(input_file_id=upload.id, endpoint="/v1/responses", completion_window="24h")
    return batch.id
```

## When to leave it
Ignore it if the loop is short in practice (below a few hundred items), if you need the answers before the batch window
ends, or if the job runs once.

The rule does not report retry loops, agent loops, loops that stop on an answer, calls that need an earlier answer,
collections known to be shorter than `min-items`, answers that a person reads as they arrive, repairs of answers that
cannot be parsed, local models, test code, and code that only request handlers reach.

## Fix
Unsafe, because the answers arrive later. The loop then runs in passes of a batch: a rehearsal notes each request
without sending it, all of them are submitted as batches, and the last pass runs the loop as before, with the answers.
The functions on the way stay as they are, but for `batchable(client)` around the client. A module of your own, by
default `llm_batch.py`, submits and waits. See `docs/rewrites.md`.

There is no fix if anything before a request must not happen twice, if an earlier answer decides what a later item does,
or if the request has no batch API that the module knows (OpenAI, Azure OpenAI, Anthropic, Gemini, Mistral, Groq,
Together). The finding names what is in the way.

## Options
- `min-items`: collections known to be shorter are not reported (default 100).
- `check-tests`: check test code too.

## References
- The batch guides of the providers. `surfacelint providers` lists limits, windows and discounts, with the SDK version
  they were read from.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import batch_help, finding, no_user_waits, remedy, runs
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find serial repetitions that no user waits for."""
    for workload, repetition in program.repeated():
        if repetition.concurrent or workload.waiting.answer == "yes":
            continue
        yield finding(workload, info, f"{runs(workload)}, {no_user_waits(workload)}: {remedy(workload)}", batch_help(workload))


RULE = Rule("SRF101", Severity.WARNING, check)
