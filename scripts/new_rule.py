"""Create the skeleton of a rule: its module, and a fixture with one alarm and one look-alike.

    python scripts/new_rule.py SRF107 name-of-rule

The new rule is off by default and passes the tests as it is. It reports what SRF106 reports until you replace its page, its check and
its fixture. Exits with 2 and one line on stderr if the code or the name cannot be used; then nothing is written.
"""

from __future__ import annotations

import argparse
import keyword
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]

_MODULE = '''\
"""{title}: write one sentence that says what the rule finds.

## What it does
Reports … Say what is reported, and what is not. Off by default.

## Why it costs
Say what the code costs its owner: money, hours, lost results.

## Bad
```python
from celery import shared_task
from openai import OpenAI

client = OpenAI()


@shared_task
def summarise(text: str) -> str:
    return client.responses.create(model="gpt-5-mini", input=text).output_text
```

## Good
```python
from celery import shared_task
from openai import OpenAI

client = OpenAI()


@shared_task
def submit(file_id: str) -> str:
    return client.batches.create(input_file_id=file_id, endpoint="/v1/responses", completion_window="24h").id
```

## When to leave it
Say when the code is right as it is.

## Fix
None: say what to do by hand.

## Options
None.

## References
- `surfacelint rule SRF106`, which this skeleton copies.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.finding_messages import finding
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule


def check(program: Program, info: RuleInfo) -> Iterator[Finding]:
    """Find … Choose the kind of workload from `surfacelint.model.workloads.Kind`."""
    for workload in program.of_kind("scheduled"):
        yield finding(workload, info, f"`{{workload.call}}` sends a request: say what is wrong and what to do")


RULE = Rule("{code}", Severity.WARNING, check, default=False)
'''

_FIXTURE = """\
from celery import shared_task
from openai import OpenAI

client = OpenAI()


@shared_task
def summarise(text):
    return client.responses.create(model="gpt-5", input=text).output_text  # expect: {code} "sends a request"


@shared_task
def submit(file_id):
    return client.batches.create(input_file_id=file_id, endpoint="/v1/responses")  # silent: {code} a batch, not a realtime request
"""

_SETTINGS = 'select = ["{code}"]\n'


class RefusedError(Exception):
    """A code or a name that cannot be used. The text is one line: what is wrong, and what to write instead."""


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Create the files below `root` and print their names. Return the exit status."""
    parser = argparse.ArgumentParser(description="Create the skeleton of a rule and its fixture.")
    parser.add_argument("code", metavar="CODE", help="SRF and three digits, as in SRF107")
    parser.add_argument("name", metavar="NAME", help="words joined by dashes, as in name-of-rule")
    given = parser.parse_args(arguments)
    try:
        files = skeleton(given.code, given.name, root)
    except RefusedError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"created {path.relative_to(root).as_posix()}")
    tests = f"pytest -k '{given.code} or {module_name(given.name)}'"
    print(f"next: edit these files, run `{tests}`, then `pytest --update tests/test_readme.py`")
    return 0


def skeleton(code: str, name: str, root: Path) -> Mapping[Path, str]:
    """Return the text of each file to create, by path. Raises RefusedError."""
    rules, fixtures = root / "surfacelint" / "rules", root / "tests" / "fixtures" / "rules"
    if not re.fullmatch(r"SRF[1-9][0-9]{2}", code):
        raise RefusedError(f"{code!r} is not a rule code: write SRF and three digits, as in SRF107")
    module = module_name(name)
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) or keyword.iskeyword(module):
        raise RefusedError(f"{name!r} is not a rule name: write lower-case words joined by dashes, as in name-of-rule")
    for path in sorted(rules.glob("*.py")):
        if f'Rule("{code}"' in path.read_text(encoding="utf-8"):
            raise RefusedError(f"{code} is the code of {path.relative_to(root).as_posix()}: choose another one")
    for path in (rules / f"{module}.py", fixtures / module):
        if path.exists():
            raise RefusedError(f"{path.relative_to(root).as_posix()} exists: choose another name")
    title = name.replace("-", " ").capitalize()
    return {
        rules / f"{module}.py": _MODULE.format(code=code, title=title),
        fixtures / module / "job.py": _FIXTURE.format(code=code),
        fixtures / module / "surfacelint.toml": _SETTINGS.format(code=code),
    }


def module_name(name: str) -> str:
    """Return the name of the module of a rule."""
    return name.replace("-", "_")


if __name__ == "__main__":
    sys.exit(main())
