"""A suppression comment suppresses nothing.

## What it does
Reports `# surfacelint: ignore[...]`, `# surfacelint: ignore-file[...]` and `# noqa: SRF...` comments, and single codes
in them, that suppress no finding. Codes of other tools and `# noqa` without codes are not checked.

## Why it costs
A comment that outlives its reason hides the next mistake on its line. A comment on the wrong line suppresses nothing,
but looks as if it did.

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
Ignore it if the comment is for a rule that is enabled only elsewhere. The rule does not report codes of rules that are
disabled in this run or for this file, test code, and any file while something could not be checked.

## Fix
Safe. `--fix` removes the comment, or the unused codes in it, and changes nothing else.

## Options
- `per-file-ignores`: disables this rule for some files.

## References
- Ruff's rule RUF100 does the same for its own codes. Set `lint.external = ["SRF"]` to make ruff accept ours.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule
from surfacelint.suppressions.matching import UNUSED


def check(_program: Program, _info: RuleInfo) -> Iterator[Finding]:
    """Yield nothing: the engine reports unused comments itself, once all findings are known."""
    return iter(())


RULE = Rule(UNUSED, Severity.WARNING, check)
