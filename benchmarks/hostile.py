"""Checks generated extreme files, each next to a small program that must be checked all the same, and measures time and memory."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.rounds import Command, run

ASK = "from openai import OpenAI\n\nclient = OpenAI()\n\n\ndef ask(x):\n    return client.responses.create(model='m', input=x)\n\n\n"
JOB = "def job(rows):\n    for row in rows:\n        ask(row)\n"

SECONDS, MEBIBYTES = 2.0, 300
"""The goals for a run with such a file."""

_DEADLINE = 60


def files() -> Iterator[tuple[str, str]]:
    """Yield a description and the text of each file."""
    loop = f"{ASK}def job(rows):\n    for row in rows:\n"
    branches = "        if row == 0:\n            ask(row)\n"
    yield "brackets, 2,000 deep", f"{ASK}x = {'[' * 2_000}{']' * 2_000}\n"
    yield "calls of calls, 2,000 deep", f"{ASK}x = {'ask(' * 2_000}1{')' * 2_000}\n"
    yield "calls of calls, 90 deep", f"{ASK}x = {'ask(' * 90}1{')' * 90}\n"
    yield "a sum of 10,000 terms", f"{loop}        ask({'+'.join(['row'] * 10_000)})\n"
    yield "10,000 attributes of attributes", f"{ASK}x = client{'.b' * 10_000}\n"
    yield "900 calls one after the other", f"{ASK}x = client{'.b()' * 900}\n"
    yield "10,000 lambdas in each other", f"{ASK}x = {'lambda: ' * 10_000}1\n"
    yield "900 elif, a request in each", loop + branches + "".join(f"        elif row == {n}:\n            ask(row)\n" for n in range(900))
    yield "10,000 elif", loop + branches + "".join(f"        elif row == {n}:\n            ask(row)\n" for n in range(10_000))
    yield (
        "loops, 18 deep",
        f"{ASK}def job(rows):\n{''.join(' ' * n + f'for i{n} in rows:{chr(10)}' for n in range(1, 19))}{' ' * 20}ask(i1)\n",
    )
    rows = "".join(f'    ("name{n}", {n}, "some more text to be looked up", [1, 2, 3]),\n' for n in range(90_000))
    yield "a table of 5 MB", f"{ASK}TABLE = [\n{rows}]\n"
    yield "a table of 900 KB", f"{ASK}TABLE = [\n{rows[:880_000].rpartition(chr(10))[0]}\n]\n{JOB}"
    yield "14,000 functions that ask", ASK + "".join(f"def f{n}(xs):\n    for x in xs:\n        ask(x)\n" for n in range(14_000))
    calls = (f"def g{n}(x):\n    return g{(n + 1) % 2_000}(x) or g{n * 7 % 2_000}(x) or ask(x)\n" for n in range(2_000))
    yield "2,000 functions that call each other", ASK + "".join(calls)
    yield "20,000 assignments to one name", f"{ASK}{f'x = 0{chr(10)}' * 20_000}for y in x:\n    ask(y)\n"
    yield "a line of 1 MB", f"{ASK}x = '{'a' * 990_000}'\n"
    yield "a null byte", f"{ASK}x = 1\0\n"


def table() -> Iterator[str]:
    """Yield the lines of a table: seconds, memory, and whether the file and the program next to it were checked."""
    yield f"| a file with | seconds (goal {SECONDS:g}) | memory (goal {MEBIBYTES} MiB) | the file is | the program next to it is |"
    yield "|---|---|---|---|---|"
    for name, text in files():
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            (place / "hostile.py").write_text(text, encoding="utf-8")
            (place / "beside.py").write_text(ASK + JOB, encoding="utf-8")
            (place / "pyproject.toml").touch()
            report = place / "report"
            check = [sys.executable, "-m", "surfacelint", "check", "--isolated", "--no-cache", "--output-format=concise"]
            done = run(Command(["timeout", str(_DEADLINE), *check, f"--output-file={report}"], place))
            printed = report.read_text(encoding="utf-8") if report.exists() else ""
        lines = [line for line in printed.splitlines() if line.startswith("hostile.py")]
        refused = next((line.partition("SRF901 ")[2] for line in lines if "SRF901" in line), "")
        beside = "checked" if "beside.py:12:9: SRF101" in printed else "**not checked**"
        yield f"| {name} | {done.seconds:.2f} | {done.memory:.0f} MiB | {refused or 'checked'} | {beside} |"
