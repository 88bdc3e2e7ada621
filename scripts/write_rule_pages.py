"""Writes the pages of the rules to docs/rules, where they are published: the docstrings of the rules with a title, and a list of them."""

from __future__ import annotations

import re
from pathlib import Path

from surfacelint.rules import RULES, Rule

FOLDER = Path(__file__).parents[1] / "docs" / "rules"

_PAGE = re.compile(r"`docs/([a-z-]+\.md)`")


def pages() -> dict[str, str]:
    """Return the text of each page by its file name."""
    rows = "".join(map(_row, RULES))
    table = f"| code | name | severity | default | description |\n|---|---|---|---|---|\n{rows}"
    return {"README.md": f"# Rules\n\n{table}", **{f"{rule.name}.md": page(rule) for rule in RULES}}


def _row(rule: Rule) -> str:
    default = "on" if rule.default else "off"
    return f"| [{rule.code}]({rule.name}.md) | {rule.name} | {rule.severity.value} | {default} | {rule.info.summary} |\n"


def page(rule: Rule) -> str:
    """Return the page of a rule. Its docstring names other pages by their files, which become links."""
    text = _PAGE.sub(r"[`docs/\1`](../\1)", rule.info.page.strip())
    return f"# {rule.name} ({rule.code})\n\n{text}\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
