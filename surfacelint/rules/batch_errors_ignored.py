"""Batch results are read without checking for failed requests.

## What it does
Reports code that reads a model's answer from a batch result if neither the function, a helper that gets the results,
nor a caller checks for failures: the type of a result, its error or status code, the error file, or the counts of the
batch. A test whether there is an answer counts as a check. A `try` around the code also counts, unless the provider
returns failed requests separately from the results, because then no exception is raised.

## Why it costs
A batch that completed may contain requests that failed or expired. Some providers leave them out of the output and list
them in a separate file: they are lost without a trace. With others the answer is missing, and the run fails with an
error after a night.

## Bad
```python
import anthropic

client = anthropic.Anthropic()


def collect(batch_id: str) -> dict[str, str]:
    return {entry.custom_id: entry.result.message.content[0].text for entry in client.messages.batches.results(batch_id)}
```

## Good
```python
import anthropic

client = anthropic.Anthropic()


def collect(batch_id: str) -> tuple[dict[str, str], list[str]]:
    answers, failed = {}, []
    for entry in client.messages.batches.results(batch_id):
        if entry.result.type == "succeeded":
            answers[entry.custom_id] = entry.result.message.content[0].text
        else:
            failed.append(entry.custom_id)
    return answers, failed
```

## When to leave it
Ignore it if other code compares the results with the requests. Results that are only stored, or passed to code that
cannot be followed, are not reported.

## Fix
Raises an error that names what failed.

- Where failed requests are among the results (Anthropic, Gemini), the check stands before each answer is read. It is
  safe: a missing answer raised an error there as well, without saying which request failed or why. It is unsafe where
  a key leads to the answer. A comprehension becomes a loop.
- Where they are in a file of their own (OpenAI, Azure, Groq, Mistral, Together), the check stands before the output
  of the job is read. It is unsafe, because the program ran to its end before, with fewer answers.

There is no fix if neither the function nor one that calls it has the job.

## Options
- Declare your own batch API as a `provider` with a `batch` table in `[tool.surfacelint.catalogue]`. Its `answers` and
  `failures` name the attributes to look for.

## References
- The batch guide of the provider explains how failures are reported. The `errors` entry of the catalogue summarises it.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import finding
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find answers that are read as if every request had succeeded."""
    for workload in program.of_kind("unchecked"):
        api = workload.provider.batch
        failures = "which requests failed" if api is None or not api.errors else api.errors
        message = f"results of `{workload.call}` are read without checking for failed requests: check {failures}"
        yield finding(workload, info, message)


RULE = Rule("SRF502", Severity.WARNING, check)
