"""The price tier does not suit who waits for the answer.

## What it does
Reports requests at a dear tier (`service_tier="priority"`) where nobody waits, and at a slow one (`"flex"`) where a
user does.

## Why it costs
Priority costs a multiple of the standard price for seconds that nobody counts. Flex is half the price because answers
may take minutes, or fail when capacity is short: no user stays for that.

## Bad
```python
from openai import OpenAI

client = OpenAI()


def main() -> None:
    print(client.responses.create(model="gpt-5", input="Write the weekly report.", service_tier="priority").output_text)


if __name__ == "__main__":
    main()
```

## Good
```python
from openai import OpenAI

client = OpenAI()


def main() -> None:
    print(client.responses.create(model="gpt-5", input="Write the weekly report.", service_tier="flex").output_text)


if __name__ == "__main__":
    main()
```

## When to leave it
When the job has a deadline of minutes.

## Fix
None yet.

## Options
- Your own tiers are `tier` rows in `[tool.surfacelint.catalogue]`.

## References
- `surfacelint providers` shows each provider's tiers.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import finding, nobody_waits
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find tiers that do not suit who waits."""
    for workload in program.of_kind("tier"):
        if workload.cheap:
            message = f"{workload.about} may take minutes or fail, and a user waits ({workload.waiting.entry}): use the standard tier"
        else:
            message = f"{workload.about} pays for speed, and {nobody_waits(workload)}: use the standard tier, flex, or a batch"
        yield finding(workload, info, f"{workload.call} with {message}")


RULE = Rule("SRF601", Severity.WARNING, check)
