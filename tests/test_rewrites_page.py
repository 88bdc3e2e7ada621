"""The page about rewrites: its example is what the tool prints, and it explains each reason for which a loop is not moved to a batch.

`pytest --update` rewrites the example.
"""

from __future__ import annotations

import ast
import gc
import re
from collections.abc import Iterator
from pathlib import Path

import doors
import pytest

PAGE = doors.REPOSITORY / "docs" / "rewrites.md"
CODEMODS = doors.REPOSITORY / "surfacelint" / "codemods"
SOURCES = [*sorted((CODEMODS / "loop_to_batch").glob("*.py")), CODEMODS / "batch_module_place.py"]

_EXAMPLE = re.compile(r"```diff\n(.*?)```", re.DOTALL)
_REASON = re.compile(r"[^;|]+")


def example() -> str:
    """Return the changes of the example, without the new file."""
    printed = doors.surfacelint(doors.REPOSITORY, "check", "--isolated", "--diff", "--unsafe-fixes", "examples/bookshop/nightly.py").stdout
    files = re.split(r"^(?=--- )", printed, flags=re.MULTILINE)
    assert any("+++ examples/bookshop/llm_batch.py" in each for each in files)
    return "".join(each for each in files if each.startswith("--- ") and "/dev/null" not in each)


def reasons(source: Path) -> Iterator[str]:
    """Yield the reasons that a module gives, with `…` for code; those that other modules hand it are not among them."""
    gc.disable()  # CPython 3.11 miscounts its recursion if garbage is collected while it makes a syntax tree
    try:
        tree = ast.parse(source.read_text(encoding="utf-8"))
    finally:
        gc.enable()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("RefusedError", "Refusal"):
            text = template(node.args[0])
            if re.search(r"\w \w", text):
                yield text


def template(node: ast.expr) -> str:
    """Return a text with `…` for what is computed."""
    if isinstance(node, ast.JoinedStr):
        return "".join(template(each) for each in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else "…"


def explained() -> set[str]:
    """Return the reasons in the table of the page."""
    section = PAGE.read_text(encoding="utf-8").partition("## When there is no fix")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| ")]
    return {reason.strip() for row in rows[1:] for reason in _REASON.findall(row)}


def test_the_example_is_what_the_tool_prints(update: bool) -> None:
    text = PAGE.read_text(encoding="utf-8")
    if update:
        PAGE.write_text(_EXAMPLE.sub(lambda _: f"```diff\n{example()}```", text, count=1), encoding="utf-8")
        return
    assert _EXAMPLE.findall(text) == [example()]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_each_reason_is_explained(source: Path) -> None:
    assert set(reasons(source)) <= explained()


def test_each_explained_reason_is_given() -> None:
    texts = "".join(source.read_text(encoding="utf-8") for source in SOURCES)
    given = {reason for source in SOURCES for reason in reasons(source)}
    assert {reason for reason in explained() - given if reason.replace("`…` ", "") not in texts} == set()


def test_shapes_name_what_the_batch_module_has() -> None:
    module = (CODEMODS / "llm_batch.py").read_text(encoding="utf-8")
    section = PAGE.read_text(encoding="utf-8").partition("## The batch module")[2].partition("\n## ")[0]
    names = re.findall(r"`(?:run\.)?(\w+)[(`]", "".join(line.split("|")[1] for line in section.splitlines() if line.startswith("| `")))
    assert {"BatchRun", "passes", "prepared", "batchable", "pause"} <= set(names)
    assert [name for name in names if not re.search(rf"\b(?:def|class) {name}\b", module)] == []
