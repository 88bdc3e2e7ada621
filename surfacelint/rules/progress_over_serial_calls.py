"""A progress display wraps realtime requests that run one after another.

## What it does
Reports serial realtime requests over independent items under a progress display: `tqdm`, `rich`, `alive-progress`,
`st.progress` and others.

## Why it costs
A progress bar makes a long run neither faster nor cheaper. A run that is long enough for a bar is long enough for a
batch, at half the price. If a person watches the bar, run the requests concurrently.

## Bad
```python
from openai import OpenAI
from tqdm import tqdm

client = OpenAI()


def label(texts: list[str]) -> list[str]:
    return [client.responses.create(model="gpt-5-mini", input=text).output_text for text in tqdm(texts)]
```

## Good
```python
import json

from openai import OpenAI
from tqdm import tqdm

client = OpenAI()


def write_batch(texts: list[str], path: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        for number, text in enumerate(tqdm(texts)):
            body = {"model": "gpt-5-mini", "input": text}
            print(json.dumps({"custom_id": str(number), "method": "POST", "url": "/v1/responses", "body": body}), file=file)
```

## When to leave it
Ignore it if the run is short and a person watches it.

## Fix
Unsafe, as for `realtime-call-in-loop` (SRF101). The progress display then shows how far the batch is.

## Options
- `min-items`: collections known to be shorter are not reported (default 100).
- Declare your own progress displays as `progress` rows in `[tool.surfacelint.catalogue]`.

## References
- The `progress` rows of the catalogue list all known displays.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import progress_over_serial_requests
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find serial repetitions under a progress display."""
    for workload, repetition in program.repeated():
        if repetition.concurrent or workload.progress is None:
            continue
        yield progress_over_serial_requests(workload, info, workload.progress, "shows")


RULE = Rule("SRF301", Severity.WARNING, check)
