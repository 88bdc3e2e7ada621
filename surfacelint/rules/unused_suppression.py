"""A comment silences findings that there are not.

## What it does
Reports `# surfacelint: ignore[...]`, `# surfacelint: ignore-file[...]` and `# noqa: SRF...` comments, and single codes
in them, that silence nothing. Codes of other tools and `# noqa` without codes are none of its business.

## Why it costs
A comment that outlives its reason hides the next mistake on its line. One on the wrong line silences nothing, and looks
as if it did.

## Bad
```python
from openai import OpenAI

client = OpenAI()


def summarise(review: str) -> str:
    return client.responses.create(model="gpt-5-mini", input=review).output_text  # surfacelint: ignore[SRF101] -- forty a night
```

## Good
```python
from openai import OpenAI

client = OpenAI()


def summarise(reviews: list[str]) -> list[str]:
    return [
        client.responses.create(model="gpt-5-mini", input=review).output_text  # surfacelint: ignore[SRF101] -- forty a night
        for review in reviews
    ]
```

## When to leave it
When the comment is for a rule that is enabled elsewhere only. Silent already: codes of rules that are not enabled in
this run or for this file, test code, and every file as long as something could not be checked.

## Fix
Safe: `--fix` takes the comment out, or the codes in it that are of no use. Nothing but the comment changes. In
notebooks it has to be done by hand.

## Options
- `per-file-ignores`: leave comments in some files alone.

## References
- Ruff's rule RUF100, which does the same for its own codes. Tell ruff with `lint.external = ["SRF"]` that ours are none
  of its business.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule
from surfacelint.suppressions.matching import UNUSED


def check(_program: Program, _info: RuleInfo) -> Iterator[Finding]:
    """Find nothing: only once all findings are known can the engine tell which comments silence none of them."""
    return iter(())


RULE = Rule(UNUSED, Severity.WARNING, check)
