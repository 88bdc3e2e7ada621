"""A file could not be checked.

## What it does
Reports files that surfacelint could not check: they have a syntax error, they cannot be read or decoded, or an internal
error ended the check of the file or of one of its functions. Syntax that is newer than the running Python is no error.
The rule is always on, neither settings nor comments silence it, and the exit status is 2. The help says how many files
import the unread one.

## Why it costs
Nothing is known about such a file. Without a finding, the run would look clean.

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
Never. If the file is not meant to be Python, exclude it.

## Fix
None. Only the author knows what the file should contain.

## Options
- `exclude`, `extend-exclude`: leave out files that are not meant to be Python, such as templates.

## References
- Python documentation: `ast.parse`, and PEP 263 on the encoding of source files.
- LibCST documentation: https://libcst.readthedocs.io
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(_program: Program, _info: RuleInfo) -> Iterator[Finding]:
    """Yield nothing: the engine reports these files itself, because they never become part of a program."""
    return iter(())


RULE = Rule("SRF901", Severity.ERROR, check)
