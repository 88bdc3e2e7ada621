"""The two readings of a module agree, so that judging finds in a body what linking found in the outline.

They agree on each call of each function, with its span and all its parts, but for calls that belong to no body (in decorators,
defaults, annotations and class bodies).
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import surfacelint
from surfacelint.extraction.body_extraction import read_body
from surfacelint.extraction.newer_syntax import parse
from surfacelint.extraction.outline_extraction import read_outline
from surfacelint.facts.expressions import Call, Expr, Position, walk
from surfacelint.facts.function_bodies import Body
from surfacelint.facts.module_outlines import FunctionOutline, ModuleOutline

FIXTURES = Path(__file__).parent / "fixtures"
PROGRAMS = sorted(path for path in FIXTURES.glob("*/*") if path.is_dir())
PACKAGE = Path(surfacelint.__file__).parent


def disagreements(text: str) -> list[str]:
    """Return a sentence for each call that only one of the readings of a module has."""
    outline = read_outline(text)
    outside = _outside_of_bodies(text)
    problems: list[str] = []
    for function in outline.functions:
        listed = {site.call for site in function.calls if site.call.span.end not in outside}
        alone = replace(function, calls=())  # a body shares the calls of its outline, and would agree with it in any case
        read = set(_calls(read_body(text, outline, alone)))
        for name, calls in (("outline", listed - read), ("body", read - listed)):
            problems += [f"{function.qualname}: only in the {name}: {call}" for call in calls]
    return problems


def _calls(value: object) -> Iterator[Call]:
    """Yield the calls in the statements of a body; lambdas have bodies of their own."""
    for expr in _expressions(value):
        yield from (part for part in walk(expr) if isinstance(part, Call))


def _expressions(value: object) -> Iterator[Expr]:
    if isinstance(value, Expr):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _expressions(item)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _expressions(getattr(value, field.name))


def _outside_of_bodies(text: str) -> set[Position]:
    """Return the ends of the calls that belong to no body."""
    tree, spelling = parse(text)
    lines = spelling.text.splitlines()
    found: set[Position] = set()
    for node in ast.walk(tree):
        for part in _surroundings(node):
            for call in _own_nodes(part):
                if isinstance(call, ast.Call) and call.end_lineno is not None and call.end_col_offset is not None:
                    column = len(lines[call.end_lineno - 1].encode()[: call.end_col_offset].decode())
                    found.add(Position(call.end_lineno, column))
    return found


def _surroundings(node: ast.AST) -> Iterable[ast.AST]:
    """Return what of a definition is evaluated where it stands."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
        case ast.Lambda():
            return [node.args]
        case ast.ClassDef():
            return [*node.decorator_list, *node.bases, *node.keywords, *node.body]
        case ast.AnnAssign():
            return [node.annotation]
        case _:
            return []


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and what is in it, but not what is in functions and lambdas."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _own_nodes(child)


def _of(path: Path) -> list[str]:
    return disagreements(path.read_text(encoding="utf-8"))


HARD = {
    "deletions": "def f(x):\n    del x[g(1)]\n",
    "texts": """\
def f(x, rows):
    a = f"{g(x)!r:>{width(x)}} and {h(x)=}" "more" f'{k(x, "b")}'
    b = "%s" % g(x) + str(h(x)) * len(x)
    return ("one" "two" f"{g(h(k(x)))}"), b'bytes', r"raw\\d", a, b, \\
        g(x)
""",
    "not ASCII": """\
def übersetzen(text, größe):
    "Ä"; antwort = frage(text, "ä€😀", größe=größe); return antwort, frage("😀"), frage(f"ü{frage(text)}ö")
""",
    "calls": """\
def f(*args, **kwargs):
    g(*args, h(1), *k(2), key=h(3), **kwargs, **k(4))(5)[h(6)](7).attr.call(8)
    (g)(1), (g(2)), ((g))((3)), (g
        (4)), g(
        5,
    )
    print(*map(g, args), sep=k())
    x[h(1):k(2):g(3), ..., h(4)] = y[k()] = g(x := h(5))
    del x.y, z
""",
    "comprehensions": """\
async def f(xs):
    a = [g(x) for x in h(xs) if k(x) if not k(g(x)) for y in h(x)]
    b = {g(x): h(x) for x in xs}; c = {g(x) async for x in h(xs)}
    d = sum(g(x) for x in h(xs)), any((g(y) for y in (h(x) for x in k(xs)))), dict((g(x), h(x)) for x in xs)
    e = [[g(x, y) for x in h(y)] for y in k(xs)]
    return [await g(x) for x in h(xs) if await k(x)], a, b, c, d, e
""",
    "statements": """\
def f(x):
    if g(x): h(1); k(2)
    elif h(x): return k(3)
    else: raise g(4) from error
    while g(x) and not h(x): x = k(x); break
    else: g(6)
    for a, *b in g(x), h(x): continue
    for c.d in g(7): pass
    with g(8) as a, h(9) as (b, c), k(10): g(11)
    with (
        g(12) as a,
        h(13),
    ):
        k(14)
    try:
        g(15)
    except (ValueError, TypeError) as error:
        h(16)
    else:
        k(17)
    finally:
        g(18)
    x += g(19); x @= h(20)
    y: int = g(21)
    assert g(22), h(23)
    lambda: g(24)
    global z
    return
""",
    "matches": """\
def f(x):
    match g(x):
        case [a, b, *rest] if h(a):
            return k(b)
        case {"key": value, **others} | {"key": value, "rest": others}:
            return g(value)
        case 1 | -2 | "three" | None:
            h(1)
        case Color.RED:
            h(2)
        case _:
            k(3)
""",
    "lambdas": """\
def f(xs, key=lambda x: g(x)):
    a = sorted(xs, key=lambda x: (g(x), h(lambda y=k(x): g(y))))
    b = lambda *args, z=h(1), **kwargs: g(*args, **kwargs)
    return map(lambda x: [k(y) for y in h(x)], g(xs)), a, b
""",
    "definitions": """\
@decorate(1)
def f(x=g(1), *, y: h(2) = k(3)) -> k(4):
    @decorate(5)
    async def inner(z=g(6)):
        await g(7)
        return [h(8)]

    @decorate(9)
    class Local(base(10), metaclass=meta(11)):
        attribute = g(12)

        def method(self, x=g(13)):
            return super().method(h(14))

        class Inner:
            for i in range(15): k(i)

    def one_line(): return g(16)
    return inner(g(17)), Local(h(18))


if g(19):
    class Outer:
        def method(self): return g(20)
else:
    def f(x): yield g(21); yield from h(22); return (yield)
g(23)
""",
    "values": """\
def f(x):
    a = g(1) if h(2) else k(3)
    b = g(1) or h(2) and k(3) or not g(4)
    c = g(1) < h(2) <= k(3) != g(4)
    d = g(1) + h(2) + k(3) - g(4) ** -h(5)
    e = {**g(1), h(2): k(3), "a": g(4)}, {*h(5), g(6)}, [*k(7)], (*g(8), h(9))
    return a, b, c, d, e, await_, x[0](1), x["a"].b(c=g(1)), (yield g(2))
""",
    "layout": """\
def f(x):

\tif x:
\t\treturn g(x,\t# a comment
  h(1),
# another one
)

\treturn (
    g(x)
    .filter(h(1))
    .map(
        k(2),
    )
)
""",
}


# Calls that one of the readings does not have, yet.
UNEVEN = {
    "causes": "def f(x):\n    raise g(1) from h(2)\n",
    "types of errors": "def f(x):\n    try:\n        g(1)\n    except h(2):\n        pass\n",
}


@pytest.mark.parametrize("name", HARD)
def test_hard_syntax(name: str) -> None:
    problems = disagreements(HARD[name])
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("name", UNEVEN)
@pytest.mark.xfail(strict=True, reason="one reading leaves it out")
def test_uneven_syntax(name: str) -> None:
    assert not disagreements(UNEVEN[name])


def test_disagreements_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    original = read_body

    def misread(text: str, outline: ModuleOutline, function: FunctionOutline) -> Body:
        return original(text.replace("h(", "k("), outline, function)

    monkeypatch.setitem(globals(), "read_body", misread)
    problems = disagreements("def f(x):\n    return g(h(x))\n")
    assert sorted(problem.partition(": Call")[0] for problem in problems) == ["f: only in the body"] * 2 + ["f: only in the outline"] * 2


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: f"{program.parent.name}/{program.name}")
def test_fixtures(program: Path) -> None:
    problems = [f"{path.relative_to(program)}: {problem}" for path in sorted(program.rglob("*.py")) for problem in _of(path)]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_our_own_code(path: Path) -> None:
    problems = _of(path)
    assert not problems, "\n".join(problems)
