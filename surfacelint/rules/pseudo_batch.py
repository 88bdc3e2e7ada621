"""A method that is named batch sends realtime requests.

## What it does
Reports calls such as LangChain's `.batch()` and `.abatch()`, LiteLLM's `batch_completion` and DSPy's `.batch()` over
many inputs, where no user waits for the answers. They run realtime requests in threads or one after another.

## Why it costs
The name promises the batch price and does not keep it: every request is at full price and counts against the realtime
rate limit.

## Bad
```python
from langchain_core.prompts import ChatPromptTemplate
from langchain_openai import ChatOpenAI

chain = ChatPromptTemplate.from_template("Summarise: {text}") | ChatOpenAI(model="gpt-5-mini")


def summarise(texts: list[str]) -> list[str]:
    return [answer.content for answer in chain.batch([{"text": text} for text in texts])]
```

## Good
```python
import json

from openai import OpenAI

client = OpenAI()


def submit(texts: list[str]) -> str:
    with open("requests.jsonl", "w", encoding="utf-8") as file:
        for number, text in enumerate(texts):
            body = {"model": "gpt-5-mini", "input": f"Summarise: {text}"}
            print(json.dumps({"custom_id": str(number), "method": "POST", "url": "/v1/responses", "body": body}), file=file)
    with open("requests.jsonl", "rb") as file:
        uploaded = client.files.create(file=file, purpose="batch")
    return client.batches.create(input_file_id=uploaded.id, endpoint="/v1/responses", completion_window="24h").id
```

## When to leave it
When the answers are needed within minutes, or when there are few inputs: then the method is good concurrency.

## Fix
None: a batch is submitted now and collected later.

## Options
- `min-items`: known lengths below this are silent (default 100).

## References
- LangChain documentation: `Runnable.batch` runs `invoke` in a thread pool.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import batch_api, describe, finding, nobody_waits
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find calls that are named batch, send realtime requests, and are not waited for."""
    for workload in program.of_kind("pseudo-batch"):
        if workload.waiting.answer == "yes":
            continue
        items = workload.repetition.items if workload.repetition is not None else ""
        over = f" of {items}" if items else ""
        api = batch_api(workload)
        where = f" ({describe(api)})" if api is not None else ""
        name = "is a batch in name only: it" if "batch" in workload.call.casefold() else "looks like one request for all, but"
        message = (
            f"{workload.call} {name} sends one realtime request per item{over} at full price, and "
            f"{nobody_waits(workload)}: submit them as one batch{where}"
        )
        yield finding(workload, info, message)


RULE = Rule("SRF105", Severity.WARNING, check)
