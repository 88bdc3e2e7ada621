"""Programs of any size, each made of one construct over and over: what is long in them is what a walk over code could trip on."""

from __future__ import annotations

from collections.abc import Callable

ASK = """from openai import OpenAI

client = OpenAI()

def ask(question):
    return client.responses.create(model="gpt-5-mini", input=question).output_text

"""

LOOP = "def job(rows):\n    for row in rows:\n"


def _lines(number: int, line: str) -> str:
    return "".join(line.format(n=n, before=n - 1) for n in range(1, number + 1))


def loops(number: int) -> str:
    """One loop after the other in a function."""
    return f"{ASK}def job(rows):\n{_lines(number, '    for row{n} in rows:' + chr(10) + '        a{n} = ask(row{n})' + chr(10))}"


def dependent_loops(number: int) -> str:
    """Loops over the answers of the loop before."""
    loop = "    a{n} = []\n    for row in a{before}:\n        a{n}.append(ask(row))\n"
    return f"{ASK}def job(a0):\n{_lines(number, loop)}"


def module_loops(number: int) -> str:
    """One loop after the other in a module."""
    return f"{ASK}rows = open('rows').readlines()\n{_lines(number, 'for row in rows:' + chr(10) + '    print(ask(row))' + chr(10))}"


def bodies(number: int) -> str:
    """A module of assignments and loops over files."""
    return ASK + _lines(number, "v{n} = ask('a')\nfor row in open('f{n}'):\n    v{n} = ask(v{n})\n")


def calls(number: int) -> str:
    """Many calls in one loop."""
    return ASK + LOOP + _lines(number, "        a{n} = ask(row)\n")


def statements(number: int) -> str:
    """One call behind many statements of its loop."""
    return ASK + LOOP + _lines(number, "        a{n} = row + '{n}'\n") + "        ask(row)\n"


def tries(number: int) -> str:
    """One `try` after the other in a loop."""
    return ASK + LOOP + _lines(number, "        try:\n            a{n} = ask(row)\n        except ValueError:\n            a{n} = ''\n")


def tried_loops(number: int) -> str:
    """One `try` after the other, a loop in each, and what it walks over is set where it fails."""
    tried = "    try:\n        for row in rows:\n            ask(row)\n    except ValueError:\n        rows = []\n"
    return f"{ASK}def job(rows):\n{_lines(number, tried)}"


def returns(number: int) -> str:
    """A loop that may return after each of its calls."""
    asked = "        a = ask(row)\n        if a == '{n}':\n            return {n}\n"
    return f"{ASK}def job(row):\n    while True:\n{_lines(number, asked)}"


def returned_calls(number: int) -> str:
    """A loop that may return each of its calls."""
    return ASK + LOOP + _lines(number, "        if row == '{n}':\n            return ask(row)\n")


def flags(number: int) -> str:
    """One `while not ok` with many calls."""
    return f"{ASK}def job(row):\n    ok = False\n    while not ok:\n" + _lines(
        number, "        a{n} = ask(row)\n        if a{n}:\n            ok = True\n"
    )


def withs(number: int) -> str:
    """One `with` after the other in a loop."""
    return ASK + LOOP + _lines(number, "        with open(row) as file{n}:\n            a{n} = ask(file{n}.read())\n")


def ors(number: int) -> str:
    """An `or` of many calls."""
    return f"{ASK}{LOOP}        found = {' or '.join(f'ask(row + {n})' for n in range(number))}\n"


def or_lines(number: int) -> str:
    """One name set many times to an `or` with itself."""
    return ASK + "def job(rows):\n    found = ''\n    for row in rows:\n" + _lines(number, "        found = ask(row) or found\n")


def elifs(number: int) -> str:
    """A chain of `elif` with a call in each."""
    return ASK + LOOP + "        if not row:\n            ask(row)\n" + _lines(number, "        elif row == {n}:\n            ask(row)\n")


def gathers(number: int) -> str:
    """One `gather` after the other."""
    head = "import asyncio\nfrom openai import AsyncOpenAI\n\nclient = AsyncOpenAI()\n\nasync def ask(row):\n"
    head += "    return await client.responses.create(model='gpt-5-mini', input=row)\n\nasync def job(rows):\n"
    return head + _lines(number, "    a{n} = await asyncio.gather(*[ask(row) for row in rows])\n")


def follow_ups(number: int) -> str:
    """A handler that makes many requests."""
    handler = "from fastapi import FastAPI\n\napp = FastAPI()\n\n@app.post('/')\ndef answer(question: str):\n"
    return f"{ASK}{handler}{_lines(number, '    a{n} = ask(question)' + chr(10))}    return a1\n"


def keywords(number: int) -> str:
    """A call with many keywords."""
    names = [f"k{n}" for n in range(number)]
    given = ", ".join(f"{name}=row.{name}" for name in names)
    return f"{ASK}def send({', '.join(names)}):\n    return ask(k0)\n\n{LOOP}        send({given})\n"


def batches(number: int) -> str:
    """Batches that are submitted and never asked for."""
    submitted = "    b{n} = client.batches.create(input_file_id='f{n}', endpoint='/v1/responses', completion_window='24h')\n"
    return f"{ASK}def job():\n{_lines(number, submitted)}"


def polls(number: int) -> str:
    """One batch after the other, each submitted, waited for and read."""
    batch = "    b{n} = client.batches.create(input_file_id='f{n}', endpoint='/v1/responses', completion_window='24h')\n"
    batch += "    while b{n}.status != 'completed':\n        time.sleep(9)\n        b{n} = client.batches.retrieve(b{n}.id)\n"
    batch += "    for line in client.files.content(b{n}.output_file_id).text.splitlines():\n        print(json.loads(line)['response'])\n"
    return f"import json\nimport time\n{ASK}def job():\n{_lines(number, batch)}"


SHAPES: tuple[Callable[[int], str], ...] = (
    loops,
    dependent_loops,
    module_loops,
    bodies,
    calls,
    statements,
    tries,
    tried_loops,
    returns,
    returned_calls,
    flags,
    withs,
    ors,
    or_lines,
    elifs,
    gathers,
    follow_ups,
    keywords,
    batches,
    polls,
)
"""Each makes 2.0 times as many calls for a program twice as large; before its walks were mended, 2.7 to 4."""


def rebound(line: str, number: int) -> str:
    """A name that is bound to something made of itself many times, then walked over, in a function."""
    return f"{ASK}def job(rows, other):\n{_lines(number, f'    {line}' + chr(10))}    for row in rows:\n        ask(row)\n"


def rebound_in_module(line: str, number: int) -> str:
    """The same in a module."""
    return f"{ASK}rows = other = open('rows').readlines()\n{_lines(number, line + chr(10))}for row in rows:\n    ask(row)\n"


def functions(number: int) -> str:
    """A chain of functions that call the one before."""
    chain = _lines(number, "def f{n}(row):\n    return f{before}(row)\n\n")
    return f"{ASK}def f0(row):\n    return ask(row)\n\n{chain}{LOOP}        f{number}(row)\n"


def lambdas(number: int) -> str:
    """A chain of lambdas that call the one before."""
    return f"{ASK}f0 = lambda row: ask(row)\n{_lines(number, 'f{n} = lambda row: f{before}(row)' + chr(10))}{LOOP}        f{number}(row)\n"
