r"""A realtime request is repeated over independent items and nobody waits.

## What it does
Reports calls that send one realtime request per item of a loop, comprehension or `map`, one after another, where the
items do not depend on each other and no user waits for the answers. The request may be several functions and modules
away: the trace shows the way.

## Why it costs
Providers sell the same model through a batch API, usually at half the price. Ten thousand requests of three seconds in
a row take more than eight hours, at full price, and fight the rate limit; one batch takes minutes to a day and costs
half.

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
When the loop is short in practice (below a few hundred items), when the answers are needed before the batch window
ends, or when the job runs once. Silent already: retries, agent loops, loops that stop on an answer, calls that need an
earlier answer, lists of known length below `min-items`, answers that somebody reads as they come, repairs of answers
that cannot be parsed, local models, test code, and code that only request handlers reach.

## Fix
None: moving to a batch splits the program in two, submitting and collecting.

## Options
- `min-items`: known lengths below this are silent (default 100).
- `check-tests`: look at test code too.

## References
- Batch guides of the providers: `surfacelint.catalogue` names limits, windows and discounts with the SDK version that
  they were read from.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import batch_help, finding, nobody_waits, remedy, runs
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find serial repetitions that nobody waits for."""
    for workload, repetition in program.repeated():
        if repetition.concurrent or workload.waiting.answer == "yes":
            continue
        yield finding(workload, info, f"{runs(workload)} and {nobody_waits(workload)}: {remedy(workload)}", batch_help(workload))


RULE = Rule("SRF101", Severity.WARNING, check)
