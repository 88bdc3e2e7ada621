"""LibCST, which overflows its stack on deep code, only gets code that is shallow enough, and reads that."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import doors
import pytest

from surfacelint.extraction.nesting_depth import nesting

DEEP: dict[str, Callable[[int], str]] = {
    "brackets": lambda n: "x = " + "[" * n + "]" * n,
    "calls": lambda n: "x = " + "f(" * n + ")" * n,
    "lines": lambda n: "x = " + "(\n" * n + "1" + ")" * n,
    "open brackets": lambda n: "x = " + "{" * n,
    "indices": lambda n: "x = a" + "[0]" * n,
    "methods": lambda n: "x = a" + ".b()" * n,
    "sums": lambda n: "x = " + "1 + \\\n" * n + "1",
    "signs": lambda n: "x = " + "-" * n + "1",
    "negations": lambda n: "x = " + "not " * n + "1",
    "powers": lambda n: "x = " + "2**" * n + "1",
    "lambdas": lambda n: "x = " + "lambda: " * n + "1",
    "choices": lambda n: "x = " + "1 if a else " * n + "1",
    "strings": lambda n: "x = (" + "'a' " * n + ")",
    "clauses": lambda n: "x = [a" + " for a in b" * n + "]",
    "branches": lambda n: "if a: pass\n" + "elif a: pass\n" * n,
    "strings in strings": lambda n: "x = " + "f'{" * n + "1" + "}'" * n,
    "formats in formats": lambda n: "x = f'" + "{a:" * n + "}" * n + "'",
    "open strings": lambda n: "x = " + 'f"{' * n,
    "defaults": lambda n: "x = " + "lambda a=(" * n + "1" + "): 0" * n,
}
"""Code by what is deep in it."""

OPEN = (DEEP["open brackets"], DEEP["open strings"])

SLOW: dict[str, Callable[[int], str]] = {
    "sequences": lambda n: "match a:\n case " + "[" * n + "]" * n + ": pass",
    "classes": lambda n: "match a:\n case A(" + "A(" * n + ")" * n + "): pass",
    "in a line": lambda n: "if a: del " + "(" * n + "a" + ")" * n,
}
"""Code for which LibCST takes twice as long with each level."""

FLAT = {
    "list": "x = [\n" + "    'a',\n" * 20_000 + "]\n",
    "pairs": "x = {\n" + "    'a': [b.c(), {d: (e,)}],\n" * 5_000 + "}\n",
    "statements": "x = a.b(c)[d] + e\n" * 5_000,
    "branches": "if a:\n    pass\nelif b:\n    pass\n" * 1_500,
    "text with brackets": "".join(f"x = f'(( {{a}} [[ {{b:{{c}}}} }}}} {{{{'\ny = '({number}'  # ([{{\n" for number in range(2_000)),
    "text with quotes": "x = f'''it's {a['b']} \"\\''''\ny = r'\\'\nz = rb\"\"\"\n(((\n\"\"\"\n" * 2_000,
    "cases": "match a:\n" + "    case [A(b=[1, {'c': (d,)}])]: x = [[[[[[[[[[1]]]]]]]]]]\n" * 1_000,
    "sum": "x = (" + "a.b +\n" * 200 + "1)\n",
}
"""Long code without depth."""

PROGRAM = """\
import sys
from surfacelint.extraction.concrete_syntax import UnreadableSyntaxError, parse_concrete
text = sys.stdin.read()
try:
    parse_concrete(text)
    print("read")
except UnreadableSyntaxError as error:
    print(error)
"""


def parsed(text: str, folder: Path) -> str:
    """Parse a text in a process of its own, and return what it prints."""
    (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    done = doors.script(folder, folder / "program.py", text=text)
    assert done.returncode == 0
    return done.stdout.strip()


@pytest.mark.parametrize("code", [*DEEP.values(), *SLOW.values()], ids=[*DEEP, *SLOW])
def test_deep_code_is_refused(code: Callable[[int], str], tmp_path: Path) -> None:
    assert parsed(code(3_000) + "\n", tmp_path) == "the code is nested too deeply"


@pytest.mark.parametrize("code", [*DEEP.values(), *SLOW.values()], ids=[*DEEP, *SLOW])
def test_the_deepest_accepted_code_is_read(code: Callable[[int], str], tmp_path: Path) -> None:
    accepted, refused = 1, 3_000
    while refused - accepted > 1:
        middle = (accepted + refused) // 2
        accepted, refused = (accepted, middle) if nesting(code(middle) + "\n") == "too deep" else (middle, refused)
    said = parsed(code(accepted) + "\n", tmp_path)
    assert said.startswith("syntax error" if code in OPEN else "read")


@pytest.mark.parametrize("text", FLAT.values(), ids=FLAT)
def test_long_code_is_not_deep(text: str) -> None:
    assert nesting(text) != "too deep"


def test_large_stacks_leave_the_limits_as_they_were() -> None:
    program = PROGRAM.replace("text = ", "import threading\nbefore = sys.getrecursionlimit(), threading.stack_size()\ntext = ")
    program += "assert before == (sys.getrecursionlimit(), threading.stack_size())\n"
    subprocess.run([sys.executable, "-c", program], input="x = 1\n", capture_output=True, encoding="utf-8", check=True)
