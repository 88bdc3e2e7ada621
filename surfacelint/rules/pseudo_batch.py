"""A method named batch sends realtime requests.

## What it does
Reports calls such as LangChain's `.batch()` and `.abatch()`, LiteLLM's `batch_completion` and DSPy's `.batch()` over
many inputs, if no user waits for the answers. These methods send realtime requests in threads or one after another.

## Why it costs
The name suggests the batch price, but every request is charged at full price and counts against the realtime rate
limit.

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
Ignore it if you need the answers within minutes, or if there are few inputs. The method is then a good way to run
requests concurrently.

## Fix
None. A batch splits the program in two parts: submitting and collecting. The finding shows a sketch of the remedy in
the names of your code.

## Options
- `min-items`: collections known to be shorter are not reported (default 100).

## References
- LangChain documentation: `Runnable.batch` runs `invoke` in a thread pool.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import batch_help, batch_remedy, finding, no_user_waits
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find calls that are named batch, send realtime requests, and make no user wait."""
    for workload in program.of_kind("pseudo-batch"):
        if workload.waiting.answer == "yes":
            continue
        items = workload.repetition.items if workload.repetition is not None else ""
        over = f" of `{items}`" if items else ""
        looks = "is a batch in name only and" if "batch" in workload.call.casefold() else "looks like one request, but"
        message = (
            f"`{workload.call}` {looks} sends one realtime request per item{over} at full price, "
            f"{no_user_waits(workload)}: {batch_remedy(workload)}"
        )
        yield finding(workload, info, message, batch_help(workload))


RULE = Rule("SRF105", Severity.WARNING, check)
