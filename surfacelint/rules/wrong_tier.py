"""The price tier does not fit: priority without a waiting user, or flex with one.

## What it does
Reports requests at a faster, more expensive tier (`service_tier="priority"`) if no user waits, and at a slower tier
(`"flex"`) if a user waits. The tier may be that of the request or of its client: `ChatOpenAI(service_tier="flex")`.

## Why it costs
Priority costs a multiple of the standard price for seconds that matter to no user. Flex is half the price because
answers may take minutes, or fail when capacity is short.

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
Ignore it if the job has a deadline of minutes.

## Fix
Safe. The keyword is removed, so that the request uses the standard tier: the same answers, sooner than `flex` and
cheaper than `priority`. There is no fix if the value is a variable that may have other values, or if other requests
share the keyword.

## Options
- Declare your own tiers as `tier` rows in `[tool.surfacelint.catalogue]`.

## References
- `surfacelint providers` lists the tiers of each provider.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import finding, no_user_waits
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find requests whose tier does not fit whether a user waits."""
    for workload in program.of_kind("tier"):
        if workload.cheap:
            problem = f"may take minutes or fail while a user waits ({workload.waiting.entry}): use the standard tier"
        else:
            problem = f"pays for speed, {no_user_waits(workload)}: use the standard tier, flex, or a batch"
        yield finding(workload, info, f"`{workload.call}` with `{workload.about}` {problem}")


RULE = Rule("SRF601", Severity.WARNING, check)
