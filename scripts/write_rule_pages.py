"""Writes the pages of the rules to docs/rules, where they are published: the docstrings of the rules with a title."""

from __future__ import annotations

from pathlib import Path

from surfacelint.rules import RULES

FOLDER = Path(__file__).parents[1] / "docs" / "rules"


def pages() -> dict[str, str]:
    """Return the text of each page by its file name."""
    found = {f"{rule.name}.md": f"# {rule.name} ({rule.code})\n\n{rule.info.page.strip()}\n" for rule in RULES}
    rows = (f"| [{rule.code}]({rule.name}.md) | {rule.name} | {rule.severity.value} | {rule.info.summary} |\n" for rule in RULES)
    table = f"| code | name | severity | description |\n|---|---|---|---|\n{''.join(rows)}"
    return {"README.md": f"# Rules\n\n{table}", **found}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
