"""A realtime request is sent for each row of a table.

## What it does
Reports `apply`, `map` and similar methods of DataFrames, Series and Datasets, and per-row functions of a dataframe
engine, if each row sends a request and no user waits for the answers.

## Why it costs
A column function hides the loop. 50,000 rows are 50,000 requests at full price, one after another, and one error in the
middle loses all answers before it. A batch takes the same rows at about half the price and keeps the requests that
succeeded.

## Bad
```python
import pandas as pd
from openai import OpenAI

client = OpenAI()


def label(text: str) -> str:
    return client.responses.create(model="gpt-5-mini", input=text).output_text


reviews = pd.read_csv("reviews.csv")
reviews["label"] = reviews["text"].apply(label)
```

## Good
```python
import json

import pandas as pd
from openai import OpenAI

client = OpenAI()
reviews = pd.read_csv("reviews.csv")
with open("requests.jsonl", "w", encoding="utf-8") as file:
    for number, text in reviews["text"].items():
        body = {"model": "gpt-5-mini", "input": text}
        print(json.dumps({"custom_id": str(number), "method": "POST", "url": "/v1/responses", "body": body}), file=file)
with open("requests.jsonl", "rb") as file:
    uploaded = client.files.create(file=file, purpose="batch")
batch = client.batches.create(input_file_id=uploaded.id, endpoint="/v1/responses", completion_window="24h")
print(batch.id)
```

## When to leave it
Ignore it for a small table that you explore by hand. Known small lengths such as `head(20)` are not reported.

## Fix
Unsafe, as for `realtime-call-in-loop` (SRF101). The requests of all rows are prepared as a batch before the call.

## Options
- `min-items`: collections known to be shorter are not reported (default 100).

## References
- Per-row methods are rows of the catalogue. Add your own in `[tool.surfacelint.catalogue]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import batch_help, finding, no_user_waits, remedy, runs
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find requests per row that no user waits for."""
    for workload, repetition in program.repeated():
        if repetition.kind != "rows" or workload.waiting.answer == "yes":
            continue
        yield finding(workload, info, f"{runs(workload)}, {no_user_waits(workload)}: {remedy(workload)}", batch_help(workload))


RULE = Rule("SRF103", Severity.WARNING, check)
