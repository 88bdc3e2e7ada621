"""Code that nobody would write, and some that machines do: every run ends soon, without a traceback, and the other files are checked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import doors
import pytest

SECONDS = 40
"""After this much CPU time a run hangs: many times what any of them takes on a slow machine."""

JOB = """\
from openai import OpenAI

client = OpenAI()


def label(rows):
    for row in rows:
        client.responses.create(model="gpt-5", input=row)
"""
"""The other file: its finding stands on line 8."""

ASK = """\
from openai import OpenAI

client = OpenAI()


def ask(text):
    return client.responses.create(model="gpt-5", input=text).output_text


"""


def check(folder: Path, text: str | bytes, seconds: int = SECONDS) -> list[str]:
    """Check a project of the other file and `odd.py`; return the lines `row:column CODE` about the latter."""
    (folder / "job.py").write_text(JOB, encoding="utf-8")
    (folder / "odd.py").write_bytes(text.encode() if isinstance(text, str) else text)
    done = doors.surfacelint(folder, "check", "--isolated", "--output-format", "concise", ".", seconds=seconds)
    found = doors.places(done.stdout)
    assert done.stderr == ""
    assert "job.py:8:9 SRF101" in found, "the other file is checked"
    assert done.returncode == (2 if any(line.endswith("SRF901") for line in found) else 1)
    return [line.removeprefix("odd.py:") for line in found if line.startswith("odd.py:")]


def codes(found: Iterable[str]) -> list[str]:
    """Return the codes of lines of `check`."""
    return [line.partition(" ")[2] for line in found]


def looped(expression: str) -> str:
    """Return a loop of a module's own over rows from elsewhere, with an expression of `row` on its second line."""
    return f"for row in open('rows.txt'):\n    print({expression})\n"


class TestOtherVersions:
    """Files for another Python than the one that runs. What newer ones can parse is in `test_newer_syntax`."""

    @pytest.mark.parametrize("text", ["def f(:\n", "print 'rows'\n", "x = 'rows\n", "print(f'{row rows['a']}')\n", "x = f'{rows\n"])
    def test_what_no_python_can_parse(self, text: str, tmp_path: Path) -> None:
        assert codes(check(tmp_path, f"import openai\n{text}")) == ["SRF901"]

    @pytest.mark.parametrize(
        "text",
        ["x = " + 'f"{' * 3_000, "def f[\n" * 20_000, "print(f'{row['a']}')\n" * 4_000 + "("],
        ids=["nested strings", "brackets that stay open", "much of it"],
    )
    def test_odd_texts_are_given_up_soon(self, text: str, tmp_path: Path) -> None:
        assert codes(check(tmp_path, f"import openai\n{text}")) == ["SRF901"]


class TestRings:
    """Modules that have their names of each other."""

    def test_a_name_that_two_modules_pass_round(self, tmp_path: Path) -> None:
        (tmp_path / "ring_a.py").write_text("from ring_b import *\n", encoding="utf-8")
        (tmp_path / "ring_b.py").write_text("from ring_a import ROWS\n", encoding="utf-8")
        found = check(tmp_path, f"{ASK}from ring_a import ROWS\nfor row in ROWS:\n    ask(row)\n")
        assert codes(found) == ["SRF101"]

    def test_packages_that_ask_each_other(self, tmp_path: Path) -> None:
        for one, other in (("lazy_a", "lazy_b"), ("lazy_b", "lazy_a")):
            (tmp_path / one).mkdir()
            text = f"def __getattr__(name):\n    from {other} import ask_all\n    return ask_all\n"
            (tmp_path / one / "__init__.py").write_text(text, encoding="utf-8")
        assert check(tmp_path, "import openai\nfrom lazy_a import ask_all\nfor row in open('rows'):\n    ask_all(row)\n") == []


class TestLargeFiles:
    """Sizes and depths that only machines write."""

    @pytest.mark.parametrize("pair", ["()", "[]", "{}"])
    def test_nested_brackets(self, pair: str, tmp_path: Path) -> None:
        found = check(tmp_path, f"import openai\nx = {pair[0] * 2_000}{pair[1] * 2_000}\n")
        assert codes(found) == ["SRF901"]

    def test_nested_brackets_without_a_provider(self, tmp_path: Path) -> None:
        found = check(tmp_path, f"x = {'(' * 2_000}{')' * 2_000}\n")
        assert codes(found) == ["SRF901"]

    def test_brackets_that_python_can_read(self, tmp_path: Path) -> None:
        assert check(tmp_path, ASK + looped(f"{'[' * 60}ask(row){']' * 60}")) == ["11:71 SRF101"]

    @pytest.mark.parametrize("where", ["beside the call", pytest.param("as its input")])
    def test_a_sum_of_ten_thousand_terms(self, where: str, tmp_path: Path) -> None:
        sum_ = " + ".join(["row"] * 10_000)
        text = looped(f"ask({sum_})") if where == "as its input" else f"def total(row):\n    return {sum_}\n\n\n" + looped("ask(row)")
        found = check(tmp_path, ASK + text)
        assert codes(found) in (["SRF101"], ["SRF901"])

    @pytest.mark.parametrize("sign", [pytest.param(" and "), ", ", " < "])
    def test_flat_expressions(self, sign: str, tmp_path: Path) -> None:
        found = check(tmp_path, ASK + looped(f"ask(({sign.join(['row'] * 10_000)}))"))
        assert codes(found) == ["SRF101"]

    def test_a_chain_of_attributes_and_calls(self, tmp_path: Path) -> None:
        found = check(tmp_path, ASK + looped(f"ask(row{'.strip()' * 3_000})"))
        assert codes(found) in (["SRF101"], ["SRF901"])

    @pytest.mark.parametrize("branch", ["print(row)", "ask(row)"])
    def test_three_thousand_branches(self, branch: str, tmp_path: Path) -> None:
        branches = "".join(f"    elif row == {number}:\n        {branch}\n" for number in range(3_000))
        found = check(tmp_path, f"{ASK}for row in open('rows.txt'):\n    if row:\n        ask(row)\n{branches}")
        assert set(codes(found)) in ({"SRF101"}, {"SRF901"})

    def test_a_table_of_two_megabytes(self, tmp_path: Path) -> None:
        table = "".join(f"    ({number}, 'row {number}', {number}.5),\n" for number in range(60_000))
        text = f"{ASK}TABLE = [\n{table}]\n{looped('ask(row)')}"
        assert len(text) > 2_000_000
        assert check(tmp_path, text) == ["1:1 SRF901"]

    def test_a_table_beside_the_loop(self, tmp_path: Path) -> None:
        table = "".join(f"    ({number}, 'row {number}', {number}.5),\n" for number in range(8_000))
        assert codes(check(tmp_path, f"{ASK}TABLE = [\n{table}]\nfor row in TABLE:\n    ask(row)\n", seconds=20)) == ["SRF101"]

    def test_a_table_beside_the_function_with_the_loop(self, tmp_path: Path) -> None:
        table = "".join(f"    ({number}, 'row {number}', {number}.5),\n" for number in range(8_000))
        text = f"{ASK}TABLE = [\n{table}]\n\n\ndef job():\n    for row in TABLE:\n        ask(row)\n"
        assert codes(check(tmp_path, text, seconds=20)) == ["SRF101"]

    def test_five_thousand_statements_in_a_loop(self, tmp_path: Path) -> None:
        statements = "".join(f"    x{number} = x{number - 1}\n" for number in range(1, 5_000))
        found = check(tmp_path, f"{ASK}for x0 in open('rows.txt'):\n{statements}    ask(x4999)\n", seconds=20)
        assert codes(found) == ["SRF101"]

    def test_loops_in_loops(self, tmp_path: Path) -> None:
        loops = "".join(f"{' ' * depth}for r{depth} in open(str({depth})):\n" for depth in range(19))
        found = check(tmp_path, f"{ASK}{loops}{' ' * 19}ask(r18)\n")
        assert codes(found) == ["SRF101"]

    def test_functions_in_functions(self, tmp_path: Path) -> None:
        nested = "".join(f"{' ' * depth}def f{depth}(rows):\n" for depth in range(90))
        found = check(tmp_path, f"{ASK}{nested}{' ' * 90}for row in rows:\n{' ' * 91}ask(row)\n")
        assert codes(found) == ["SRF101"]


class TestBrokenFiles:
    """What cannot be read is said, and nothing else changes."""

    @pytest.mark.parametrize("text", [b"import openai\nx = '\0'\n", b"\0" * 100, b"x = 1\n\0", b"\xff\xfe", b"import openai\nx = '\xff'\n"])
    def test_bytes_that_are_no_text(self, text: bytes, tmp_path: Path) -> None:
        assert codes(check(tmp_path, text)) == ["SRF901"]

    @pytest.mark.parametrize("text", ["import openai\ndef f(:\n", "import openai\n  x\n", "import openai\nx = '''\n", "for\n", "\\"])
    def test_syntax_errors(self, text: str, tmp_path: Path) -> None:
        assert codes(check(tmp_path, text)) == ["SRF901"]

    @pytest.mark.parametrize("text", ["", "\n", "\f", "#", "\ufeff", "\ufeffimport openai"])
    def test_files_with_nothing_in_them(self, text: str, tmp_path: Path) -> None:
        assert check(tmp_path, text) == []

    @pytest.mark.parametrize("text", ["\f\n", "x = 1\n\f\n\f", "x = '\u2028'\n", "x = '\x85 \x1c \x0b'\n"])
    def test_characters_that_end_no_line(self, text: str, tmp_path: Path) -> None:
        line = 10 + text.count("\n") + 2
        found = check(tmp_path, f"{ASK}{text}def job(rows):\n    for row in rows:\n        ask(row)\n")
        assert found == [f"{line}:9 SRF101"]


class TestLongWays:
    """Chains of helpers that are longer than any stack."""

    def chain(self, depth: int, call: str = "step{}(text)", head: str = "def step{}(text):") -> str:
        steps = "".join(f"{head.format(n)}\n    return {call.format(n - 1)}\n\n\n" for n in range(1, depth + 1))
        return f"{ASK}def step0(text):\n    return ask(text)\n\n\n{steps}"

    @pytest.mark.parametrize("depth", [10, 100, 1_000])
    def test_a_chain_of_helpers_that_a_loop_calls(self, depth: int, tmp_path: Path) -> None:
        found = check(tmp_path, self.chain(depth) + looped(f"step{depth}(row)"))
        assert codes(found) == ["SRF101"]

    def test_a_chain_that_hands_the_client_down(self, tmp_path: Path) -> None:
        steps = "".join(f"def step{n}(client, text):\n    return step{n - 1}(client, text)\n\n\n" for n in range(1, 1_001))
        first = "def step0(client, text):\n    return client.responses.create(model='gpt-5', input=text)\n\n\n"
        found = check(tmp_path, ASK + first + steps + looped("step1000(client, row)"))
        assert codes(found) == ["SRF101"]

    def test_a_chain_that_hands_the_client_up(self, tmp_path: Path) -> None:
        steps = "".join(f"def make{n}():\n    return make{n - 1}()\n\n\n" for n in range(1, 1_001))
        text = f"{ASK}def make0():\n    return OpenAI()\n\n\n{steps}" + looped("make1000().responses.create(model='gpt-5', input=row)")
        assert codes(check(tmp_path, text)) == ["SRF101"]

    @pytest.mark.parametrize("length", [50, 1_000])
    def test_a_chain_of_names(self, length: int, tmp_path: Path) -> None:
        names = "".join(f"ask{n} = ask{n - 1}\n" for n in range(1, length + 1))
        assert codes(check(tmp_path, f"{ASK}ask0 = ask\n{names}" + looped(f"ask{length}(row)"))) == ["SRF101"]

    def test_a_chain_of_classes(self, tmp_path: Path) -> None:
        classes = "".join(f"class C{n}(C{n - 1}):\n    pass\n\n\n" for n in range(1, 1_001))
        text = f"{ASK}class C0:\n    def ask(self, text):\n        return ask(text)\n\n\n{classes}" + looped("C1000().ask(row)")
        assert codes(check(tmp_path, text)) == ["SRF101"]

    def test_a_lattice_of_helpers(self, tmp_path: Path) -> None:
        # Two ways at each of fifty steps: more ways than could be walked.
        pairs = "".join(f"def {side}{n}(text):\n    return a{n - 1}(text) or b{n - 1}(text)\n\n\n" for n in range(1, 51) for side in "ab")
        text = f"{ASK}a0 = b0 = ask\n\n\n{pairs}" + looped("a50(row)")
        assert codes(check(tmp_path, text)) == ["SRF101"]

    def test_a_lattice_of_classes(self, tmp_path: Path) -> None:
        pairs = "".join(f"class {side}{n}(A{n - 1}, B{n - 1}):\n    pass\n\n\n" for n in range(1, 31) for side in "AB")
        root = "class A0:\n    def ask(self, text):\n        return ask(text)\n\n\nclass B0(A0):\n    pass\n\n\n"
        assert codes(check(tmp_path, ASK + root + pairs + looped("A30().ask(row)"))) == ["SRF101"]

    def test_a_function_handed_down(self, tmp_path: Path) -> None:
        steps = "".join(f"def run{n}(f, x):\n    return run{n - 1}(f, x)\n\n\n" for n in range(1, 301))
        found = check(tmp_path, f"{ASK}def run0(f, x):\n    return f(x)\n\n\n{steps}" + looped("run300(ask, row)"))
        assert codes(found) == ["SRF101"]

    def test_four_hundred_callers(self, tmp_path: Path) -> None:
        callers = "".join(f"def job{n}(rows):\n    for row in rows:\n        ask(row)\n\n\n" for n in range(400))
        found = check(tmp_path, ASK + callers)
        assert len(found) == 400
        assert set(codes(found)) in ({"SRF101"}, {"SRF901"})


CIRCLES = {
    "a function that calls itself": """\
def f(x):
    return f(ask(x))


for row in open('rows.txt'):
    print(f(row))
""",
    "functions that call each other": """\
def f(x):
    return g(x)


def g(x):
    ask(x)
    return f(x)


for row in open('rows.txt'):
    print(f(row))
""",
    "a function that hands itself on": """\
def f(g, x):
    g(ask(x))
    return f(f, x)


for row in open('rows.txt'):
    print(f(f, row))
""",
    "classes that inherit from each other": """\
class A(B):
    pass


class B(A):
    def ask(self, x):
        return ask(x)


for row in open('rows.txt'):
    print(A().ask(row))
""",
    "a class that inherits from itself": """\
class A(A):
    def ask(self, x):
        return super().ask(ask(x))


for row in open('rows.txt'):
    print(A().ask(row))
""",
    "a class with an attribute of its own kind": """\
class A:
    def __init__(self):
        self.a = A()
        self.b = self.a.b

    def ask(self, x):
        return self.a.a.a.ask(ask(x))


for row in open('rows.txt'):
    print(A().a.b.a.ask(row))
""",
    "a module that imports itself": """\
import odd
from odd import *
from odd import g as f

g = odd.f
for row in open('rows.txt'):
    print(odd.f(row) or odd.odd.ask(row))
""",
    "a generator that yields itself": """\
def g():
    yield g()
    yield from g()


for row in g():
    for each in row:
        ask(each)
""",
    "an iterator that is its own": """\
class Rows:
    def __iter__(self):
        return self

    def __next__(self):
        return ask('x')


for row in Rows():
    ask(row)
""",
    "an iterator of itself": """\
class Rows:
    def __iter__(self):
        yield from self

    def __getitem__(self, i):
        return self[i]


for row in Rows():
    ask(row)
""",
    "a decorator that decorates itself": """\
@d
def d(f):
    return d(f)


@d
def f(x):
    return ask(x)


for row in open('rows.txt'):
    print(f(row))
""",
    "decorators that call each other": """\
def d(f):
    @e
    def inner(x):
        return f(x)
    return inner


def e(f):
    @d
    def inner(x):
        return f(x)
    return inner


@d
@e
def f(x):
    return ask(x)


for row in open('rows.txt'):
    print(f(row))
""",
    "names that mean each other": """\
a = b
b = c
c = a
a = a
for row in open('rows.txt'):
    print(a(row))
""",
    "a name of its own parts": """\
a = a.b
b = [b, (b, b)]
b = b[0]
d = {'d': d}
d = d['d']['d']
for row in open('rows.txt'):
    print(b[0][1](row) or d['d'](row))
""",
    "a callable that returns itself": """\
class F:
    def __call__(self, x):
        ask(x)
        return self


for row in open('rows.txt'):
    print(F()(row)(row)(row)(row))
""",
    "a function that returns itself": """\
def f(x):
    ask(x)
    return f


for row in open('rows.txt'):
    print(f(row)(row)(row)(row))
""",
    "a property of itself": """\
class A:
    @property
    def a(self):
        return self.a

    def __getattr__(self, name):
        return getattr(self, name)

    def __enter__(self):
        return self.__enter__()


with A() as a:
    for row in open('rows.txt'):
        a.a.a(ask(row))
""",
    "a default that calls the function": """\
def f(x, g=lambda x: f(x)):
    return g(ask(x))


for row in open('rows.txt'):
    print(f(row))
""",
    "a partial of itself": """\
from functools import partial

f = partial(f, 1)
f = partial(partial(f, f), f)
for row in open('rows.txt'):
    print(f(ask(row)))
""",
    "closures that return each other": """\
def f():
    def g():
        return f()
    return g


for row in open('rows.txt'):
    print(f()()()()(ask(row)))
""",
    "a wrapper that is set to itself": """\
f = ask
f = lambda x, f=f: f(x)
f = lambda x: f(x)
for row in open('rows.txt'):
    print(f(row))
""",
    "a self that grows": """\
class N:
    def __init__(self, n):
        self.n = N(self)
        self.m = [self.n, self]

    def go(self):
        for n in self.m:
            n.go()
            ask(n)


for row in open('rows.txt'):
    print(N(row).go())
""",
    "a star import of everything": """\
from . import *
from .odd import *
from .. import odd
import odd.odd
for row in open('rows.txt'):
    print(ask(row))
""",
    "texts that are put together of themselves": """\
import requests

url = "https://api.openai.com"
for row in open('rows.txt'):
    url = url + "/v1"
    url = f"{url}/{url}" % url
    url = url.format(url).strip()
    requests.post(url, json=ask(row))
""",
    "an alias of a type of itself": """\
T = list['T']


def f(t: T) -> T:
    for each in t:
        f(each)
        ask(each)
    return t
""",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in CIRCLES.items()])
def test_circles_end(text: str, tmp_path: Path) -> None:
    found = check(tmp_path, ASK + text)
    assert "SRF901" not in set(codes(found))


def test_many_functions_that_call_each_other(tmp_path: Path) -> None:
    functions = "".join(f"def f{n}(x):\n    f{(n + 1) % 60}(x)\n    f{(n * 7 + 3) % 60}(x)\n    return ask(x)\n\n\n" for n in range(60))
    assert codes(check(tmp_path, ASK + functions + looped("f0(row)"))) == ["SRF101"]


def test_many_ways_through_callers(tmp_path: Path) -> None:
    layers = "".join(f"def f{n}(rows):\n" + f"    f{n + 1}(rows)\n" * 9 + "\n\n" for n in range(12))
    text = f"{layers}def f12(rows):\n    for row in rows:\n        ask(row)\n\n\nf0(list(open('rows.txt')))\n"
    assert codes(check(tmp_path, ASK + text)) == ["SRF101"]


def test_modules_that_import_each_other(tmp_path: Path) -> None:
    ring = 40
    for number in range(ring):
        after = (number + 1) % ring
        imports = f"from ring{after} import *\nimport ring{after}\nfrom ring{after} import f as g\n"
        text = f"{imports}\n\ndef f(x):\n    return ring{after}.f(g(x))\n"
        (tmp_path / f"ring{number}.py").write_text(text, encoding="utf-8")
    assert "SRF901" not in str(check(tmp_path, f"import ring0\nfrom ring1 import *\n{ASK}{looped('ring0.g(ask(row))')}"))
