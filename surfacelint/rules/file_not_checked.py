"""A file could not be checked.

## What it does
Reports files that were to be checked and could not be: the running Python cannot parse them, they cannot be read or
decoded, or an error inside surfacelint ended the check of them or of one of their functions. The rule is always on, no
comment silences it, and the exit code is 2.

## Why it costs
Nothing is known about such a file. A run that said nothing would look like a clean one.

## Bad
```python
def summarise(text)
    return client.responses.create(model="gpt-5-mini", input=text)
```

## Good
```python
def summarise(text):
    return client.responses.create(model="gpt-5-mini", input=text)
```

## When to leave it
Never: exclude the file if it is not meant to be Python. Code that is valid only in a newer Python than the one that
runs surfacelint counts too: the message names the version, run surfacelint with that.

## Fix
None: only its author knows what the file was to say.

## Options
- `exclude`, `extend-exclude`: leave out files that are not meant to be Python, such as templates.

## References
- Python documentation: `ast.parse`, and PEP 263 on the encoding of source files.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(_program: Program, _info: RuleInfo) -> Iterator[Finding]:
    """Find nothing: the engine reports these files itself, as they never become part of a program."""
    return iter(())


RULE = Rule("SRF901", Severity.ERROR, check)
