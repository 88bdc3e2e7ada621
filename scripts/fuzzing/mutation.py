"""Mutants: real programs with random changes after which they still compile.

All edits are splices of bytes, so that comments, line endings and everything else that trees forget stay as odd as they were.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from random import Random

MOST_STEPS = 5
"""The maximum number of mutations of one mutant."""

TRIES = 12
"""How often to try until a mutant compiles."""

HEADERS = (
    "if flag:",
    "if len(rows) > 3:",
    "for row in rows:",
    "for _ in range(3):",
    "while True:",
    "while rows:",
    "with open('x') as handle:",
    "with lock, open('x'):",
    "async with pool:",
    "def inner(*args, row=None, **kwargs):",
    "async def inner(row):",
    "class Inner:",
    "@app.post('/x')\ndef handler(row):",
    "try:",
)
WRAPPERS = (
    "(EXPR)",
    "[EXPR for row in rows]",
    "{key: EXPR for key in rows}",
    "(lambda: EXPR)()",
    "(lambda row=EXPR: row)",
    "(saved := EXPR)",
    "(await EXPR)",
    "(EXPR if rows else None)",
    "f'{EXPR}'",
    "ask(EXPR)",
    "list(map(ask, EXPR))",
    "pool.submit(ask, EXPR)",
    "tqdm(EXPR)",
    "(EXPR,)",
    "EXPR[0]",
    "EXPR.create",
    "not EXPR",
    "*EXPR",
    "(yield EXPR)",
)
WORDS = (
    *(
        ("for ", "async for "),
        ("def ", "async def "),
        ("with ", "async with "),
        ("await ", ""),
        ("return ", "yield "),
        ("break", "continue"),
    ),
    *(("continue", "pass"), ("==", "!="), ("=", "+="), (" in ", " not in "), ("except Exception", "except*ValueError"), ("self.", "")),
    *(("True", "False"), ("while ", "if "), ("if ", "while "), ("elif ", "if "), ("import ", "import os, "), ("async ", ""), ("not ", "")),
    *((" and ", " or "), ("(", "((1),"), (", ", ", *rows, "), (")", ", **rows)"), ("'", '"'), (":\n", ": # noqa: SRF101\n")),
)
NUMBERS = ("0", "-1", "1", "3", "10**6", "1e9", "0x_ff", "1_000", "None")
NAMES = ("_", "self", "cls", "rows", "row", "client", "print", "ﬁn", "ª", "__class__", "openai", "type", "match")
COMMENTS = (
    "# noqa",
    "# noqa: SRF101, SRF3",
    "# surfacelint: ignore[SRF101] -- \u202eodd",
    "# surfacelint: volume=1e400/day",
    "# surfacelint: one-off, user-waits, background, deadline=0h",
    "# type: ignore[x]  # fmt: skip",
    "# \x0c\x0b\x1c\u2028\x85 é",
    "# surfacelint: ignore-file[SRF9]",
)

Splice = tuple[int, int, bytes]
"""A replacement of the bytes from start to end."""


class Source:
    """A program: its bytes, its tree, and where the nodes are in the bytes."""

    def __init__(self, data: bytes) -> None:
        """Parse a program. Raises SyntaxError and ValueError."""
        self.data = data
        self.tree = parsed(data)
        self.starts = [0, *(match.end() for match in re.finditer(rb"\r\n|\r|\n", data))]

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return the bytes of a node: those of its decorators, too."""
        first = min((each.lineno for each in getattr(node, "decorator_list", ())), default=0)
        line, column = (first, 0) if first else (_place(node, "lineno"), _place(node, "col_offset"))
        start = self.starts[line - 1] + (self._indent(line) if first else column)
        return start, self.starts[_place(node, "end_lineno") - 1] + _place(node, "end_col_offset")

    def text(self, node: ast.AST) -> bytes:
        """Return the source of a node."""
        start, end = self.span(node)
        return self.data[start:end]

    def expressions(self) -> list[ast.expr]:
        """Return all expressions that stand on their own."""
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.expr) and not isinstance(node, ast.Slice | ast.Starred)]

    def blocks(self) -> list[list[ast.stmt]]:
        """Return the lists of statements."""
        found = [getattr(node, name, None) for node in ast.walk(self.tree) for name in ("body", "orelse", "finalbody")]
        return [block for block in found if isinstance(block, list) and block and isinstance(block[0], ast.stmt)]

    def margin(self, node: ast.stmt) -> bytes | None:
        """Return the indentation of a statement, `None` if something is before it on its line."""
        start = self.span(node)[0]
        before = self.data[max(each for each in self.starts if each <= start) : start]
        return before if not before.strip() else None

    def _indent(self, line: int) -> int:
        rest = self.data[self.starts[line - 1] :]
        return len(rest) - len(rest.lstrip(b" \t\x0c"))


def _place(node: ast.AST, name: str) -> int:
    return int(getattr(node, name))


def parsed(data: bytes) -> ast.Module:
    """Return the tree of a program that compiles. Raises SyntaxError and ValueError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(data)
        compile(data, "mutant", "exec", dont_inherit=True)
    return tree


def compiles(data: bytes) -> bool:
    """Whether Python can compile a program."""
    try:
        parsed(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def mutant(data: bytes, donors: Sequence[bytes], random: Random) -> bytes | None:
    """Return a mutant of a program, with parts of `donors`; `None` if none of a few compiles."""
    for _ in range(TRIES):
        changed = data
        for _ in range(random.randint(1, MOST_STEPS)):
            step = random.choice(STEPS)
            try:
                source = Source(changed)
                following = _spliced(changed, list(step(source, donors, random)))
            except (SyntaxError, ValueError, RecursionError, IndexError):
                continue
            if following != changed and compiles(following):
                changed = following
        if changed != data:
            return changed
    return None


ASK = b"""

import openai as _openai


def _ask(text=None):
    return _openai.OpenAI().responses.create(model="m", input=text)


for _row in open("rows"):
    _ask(_row)
"""
"""What `seeded` adds to a program."""


def seeded(data: bytes, random: Random) -> bytes | None:
    """Return a program whose own expressions lead to LLM requests: some are wrapped in calls of a function that sends one."""
    for most in (12, 3, 0):
        try:
            source = Source(data)
            calls = [node for node in source.expressions() if isinstance(node, ast.Call | ast.Subscript | ast.Name)]
            chosen = random.sample(calls, min(most, len(calls)))
            changed = _spliced(data, [(*source.span(node), b"_ask(" + source.text(node) + b")") for node in chosen]) + ASK
        except (SyntaxError, ValueError, RecursionError, IndexError):
            return None
        if compiles(changed):
            return changed
    return None


def _spliced(data: bytes, splices: Sequence[Splice]) -> bytes:
    """Apply replacements, leaving out those that overlap an earlier one."""
    parts: list[bytes] = []
    at = 0
    for start, end, text in sorted(splices):
        if start >= at:
            parts += (data[at:start], text)
            at = end
    return b"".join((*parts, data[at:]))


# Mutations: each yields replacements.


def _delete(source: Source, _: Sequence[bytes], random: Random) -> Iterator[Splice]:
    block = random.choice(source.blocks())
    yield (*source.span(random.choice(block)), b"pass")


def _duplicate(source: Source, _: Sequence[bytes], random: Random) -> Iterator[Splice]:
    node = random.choice(random.choice(source.blocks()))
    margin = source.margin(node)
    if margin is not None:
        start, end = source.span(node)
        yield (end, end, b"\n" + margin + source.data[start:end])


def _swap(source: Source, _: Sequence[bytes], random: Random) -> Iterator[Splice]:
    block = random.choice(source.blocks())
    one, other = random.sample(block, 2)
    yield (*source.span(one), source.text(other))
    yield (*source.span(other), source.text(one))


def _enclose(source: Source, _: Sequence[bytes], random: Random) -> Iterator[Splice]:
    node = random.choice(random.choice(source.blocks()))
    margin = source.margin(node)
    if margin is None:
        return
    header = random.choice(HEADERS)
    inside = b"\n".join(b"    " + line if number else line for number, line in enumerate(source.text(node).split(b"\n")))
    ending = b"\n" + margin + b"except Exception:\n" + margin + b"    pass" if header == "try:" else b""
    lines = (b"\n" + margin).join(header.encode().split(b"\n"))
    yield (*source.span(node), lines + b"\n" + margin + b"    " + inside + ending)


def _move(source: Source, donors: Sequence[bytes], random: Random) -> Iterator[Splice]:
    """Put a statement of another program before one of this."""
    donor = Source(random.choice(donors))
    node, new = random.choice(random.choice(source.blocks())), random.choice(random.choice(donor.blocks()))
    margin = source.margin(node)
    if margin is not None and donor.margin(new) is not None:
        start = source.span(node)[0]
        text = donor.text(new).replace(b"\n" + (donor.margin(new) or b""), b"\n" + margin)
        yield (start, start, text + b"\n" + margin)


def _graft(source: Source, donors: Sequence[bytes], random: Random) -> Iterator[Splice]:
    """Replace an expression by one of this or another program."""
    donor = random.choice((source, Source(random.choice(donors))))
    yield (*source.span(random.choice(source.expressions())), b"(" + donor.text(random.choice(donor.expressions())) + b")")


def _wrap(source: Source, _: Sequence[bytes], random: Random) -> Iterator[Splice]:
    node = random.choice(source.expressions())
    yield (*source.span(node), random.choice(WRAPPERS).encode().replace(b"EXPR", source.text(node)))


def _rename(source: Source, _: Sequence[bytes], random: Random) -> Iterator[Splice]:
    names = [node for node in source.expressions() if isinstance(node, ast.Name)]
    old, everywhere = random.choice(names), random.random() < 0.5
    new = random.choice((random.choice(NAMES), random.choice(names).id)).encode()
    for node in names:
        if node is old or (everywhere and node.id == old.id):
            yield (*source.span(node), new)


def _word(source: Source, _: Sequence[bytes], random: Random) -> Iterator[Splice]:
    old, new = (text.encode() for text in random.choice(WORDS))
    places = [match.span() for match in re.finditer(re.escape(old), source.data)]
    yield (*random.choice(places), new)


def _number(source: Source, _: Sequence[bytes], random: Random) -> Iterator[Splice]:
    numbers = [node for node in source.expressions() if isinstance(node, ast.Constant) and isinstance(node.value, int | float)]
    yield (*source.span(random.choice(numbers)), random.choice(NUMBERS).encode())


def _comment(source: Source, _: Sequence[bytes], random: Random) -> Iterator[Splice]:
    place = random.choice([match.start() for match in re.finditer(rb"\r?\n", source.data)])
    yield (place, place, b"  " + random.choice(COMMENTS).encode())


def _layout(source: Source, _: Sequence[bytes], random: Random) -> Iterator[Splice]:
    """Change line endings, indentation and what else only a careful editor keeps."""
    data = source.data
    changed = random.choice(
        (
            data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
            data.replace(b"\r\n", b"\n").replace(b"\n", b"\r"),
            data.replace(b"\n", b"\r\n", data.count(b"\n") // 2),
            b"\xef\xbb\xbf" + data.removeprefix(b"\xef\xbb\xbf"),
            data.replace(b"    ", b"\t"),
            data.replace(b"    ", b"   "),
            data.rstrip(b"\r\n"),
            data.replace(b"\n", b"  \n"),
            data.replace(b"\n\n", b"\n\x0c\n"),
            data.replace(b"\n", b"\n\x0c", 3),
            data.replace(b", ", b", \\\n", 1),
            b"# -*- coding: latin-1 -*-\n" + data + b"# \xe9\n",
            data.replace(b"(", b"( # (\n", 1),
            data + b"x = 1; y = 2; \n",
        )
    )
    yield (0, len(data), changed)


Step = Callable[[Source, Sequence[bytes], Random], Iterator[Splice]]

STEPS: tuple[Step, ...] = (
    _delete,
    _duplicate,
    _swap,
    _enclose,
    _move,
    _graft,
    _graft,
    _wrap,
    _wrap,
    _rename,
    _word,
    _word,
    _number,
    _comment,
    _layout,
)
"""All mutations. Those named twice are chosen twice as often."""
