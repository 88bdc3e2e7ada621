"""What an edit costs: runs after an edit against cold ones, and both against mypy, in CPU seconds with one job."""

from __future__ import annotations

import ast
import itertools
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import trees
from benchmarks.rounds import Command, Run, cpu, memory, ratio, rounds, run, seconds

PROJECTS = ("crewai", "metagpt", "llama_index_core", "dspy", "ragas", "haystack")
"""Trees of one framework each, whose modules are one group."""

COMPARED = ("crewai", "metagpt", "llama_index_core")
"""The trees that mypy checks, too."""

_FILE = "agent"
"""A part of the names of edited files: most frameworks have such a file in the middle of everything."""


def table(folder: Path, mypy: Path, times: int) -> Iterator[str]:
    """Yield the lines of the table. `mypy` is its program, `times` the number of rounds."""
    yield "| project | run | against | ratio of CPU: median (min to max) | ours | theirs | memory |"
    yield "|---|---|---|---|---|---|---|"
    for name in PROJECTS:
        yield from _project(name, trees.build(name, folder), folder, mypy, times)


def _project(name: str, tree: Path, folder: Path, mypy: Path, times: int) -> Iterator[str]:
    cache = folder / f"edits-{name}"
    shutil.rmtree(cache, ignore_errors=True)
    check = [sys.executable, "-m", "surfacelint", "check", "--isolated", "--quiet", "--jobs=1"]
    cold = Command([*check, "--no-cache", "."], tree)
    warm = [*check, f"--cache-dir={cache}", "."]
    edited = _file(tree)
    text = edited.read_text(encoding="utf-8")
    run(Command(warm, tree))
    commands = {
        "cold": cold,
        "body": Command(warm, tree, before=_editing(edited, text, _in_body)),
        "signature": Command(warm, tree, before=_editing(edited, text, _in_signature)),
    }
    if name in COMPARED:
        typed = [*_mypy(mypy), f"--cache-dir={folder / f'mypy-{name}'}", "."]
        commands["mypy cold"] = Command([*typed[:-2], f"--cache-dir={os.devnull}", "."], tree)
        commands["mypy body"] = Command(typed, tree, before=_editing(edited, text, _in_body))
        run(Command(typed, tree))
    try:
        found = rounds(commands, times)
    finally:
        edited.write_text(text, encoding="utf-8")
    yield _row(name, "edit in a body", "cold", found["body"], found["cold"])
    yield _row(name, "edit of a signature", "cold", found["signature"], found["cold"])
    if name in COMPARED:
        yield _row(name, "edit in a body", "mypy, the same edit", found["body"], found["mypy body"])
        yield _row(name, "cold", "mypy, cold", found["cold"], found["mypy cold"])


def _mypy(program: Path) -> list[str]:
    """Return the beginning of the command of mypy: it checks the files alone, as we do, and takes them for what their folders say."""
    alone = ["--no-site-packages", "--ignore-missing-imports", "--follow-imports=silent"]
    return [str(program), *alone, "--namespace-packages", "--explicit-package-bases"]


def _row(project: str, name: str, against: str, ours: list[Run], theirs: list[Run]) -> str:
    times = f"{seconds(ours, cpu)} | {seconds(theirs, cpu)} | {memory(ours)}"
    return f"| {project} | {name} | {against} | {ratio(ours, theirs, cpu)} | {times} |"


def _file(tree: Path) -> Path:
    """Return the file to edit: the longest with a telling name."""
    files = [path for path in tree.rglob("*.py") if _FILE in path.name or _FILE in path.parent.name]
    return max(files or tree.rglob("*.py"), key=lambda path: (path.stat().st_size, str(path)))


def _editing(path: Path, text: str, edit: Callable[[str, int], str]) -> Callable[[], object]:
    """Return a function that makes another edit of the same kind each time."""
    numbers = itertools.count()
    return lambda: path.write_text(edit(text, next(numbers)), encoding="utf-8")


def _in_body(text: str, number: int) -> str:
    """Add a line to the first function that is longer than one statement."""
    function = next(each for each in _functions(text) if len(each.body) > 1)
    last = function.body[-1]
    lines = text.splitlines(keepends=True)
    lines.insert(last.lineno - 1, f"{' ' * last.col_offset}edited = {number}\n")
    return "".join(lines)


def _in_signature(text: str, number: int) -> str:
    """Add a parameter to the first function that has one."""
    function = next(each for each in _functions(text) if each.args.args)
    given = function.args
    nodes: list[ast.arg | ast.expr] = [*given.args, *given.defaults]
    ends = [(node.end_lineno or 0, node.end_col_offset or 0) for node in nodes]
    line, column = max(ends)
    lines = text.splitlines(keepends=True)
    lines[line - 1] = f"{lines[line - 1][:column]}, edited={number}{lines[line - 1][column:]}"
    return "".join(lines)


def _functions(text: str) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef))
