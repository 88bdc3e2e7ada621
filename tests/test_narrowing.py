"""Narrowing follows names: what imports a cold part of a module stays out, and no way to a vendor is lost."""

from __future__ import annotations

import ast
import os
import time
from pathlib import Path
from textwrap import dedent

import pytest

from surfacelint.extraction.outline_extraction import read_outline
from surfacelint.extraction.word_scanning import sketch
from surfacelint.facts.module_outlines import MODULE_BODY
from surfacelint.project.module_names import Project, project_files
from surfacelint.reading.source_reader import Sources
from surfacelint.relevance import import_screening
from surfacelint.relevance.name_narrowing import Narrowing

VENDOR = """
    from openai import OpenAI

    LIMIT = 3
    client = OpenAI()

    def ask(question):
        return client.responses.create(model="m", input=question)

    def shorten(text):
        return text[:LIMIT]
"""


def narrowed(root: Path, files: dict[str, str]) -> set[str]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(dedent(text), encoding="utf-8")
    (root / "setup.py").write_text("", encoding="utf-8")
    sources = Sources(Project.build(root, project_files(root, ()).files), {})
    screened = import_screening.screen(sources.project, sources.bytes, {"openai"}, ())
    narrowing = Narrowing(sources, screened.imports)
    narrowing.follow_imports(screened.seeds, {"openai"})
    assert narrowing.modules <= screened.relevant | {"lazy"}
    return narrowing.modules - screened.seeds


def handed_on(root: Path, middle: str) -> set[str]:
    """Return what counts where one module imports `ask` of a module in between, and another one something else."""
    user = "from middle import ask\n"
    cold = "from middle import nothing\n"
    return narrowed(root, {"vendor.py": VENDOR, "middle.py": middle, "user.py": user, "cold.py": cold})


@pytest.mark.parametrize(
    ("text", "hot"),
    [
        ("from vendor import ask\n", True),
        ("from vendor import ask as anything\n", True),
        ("from vendor import client\n", True),
        ("from vendor import *\n", True),
        ("import vendor\n", True),
        ("def late():\n    from vendor import ask\n", True),
        ("from vendor import shorten\n", False),
        ("from vendor import LIMIT as ask\n", False),
    ],
)
def test_an_importer_counts_by_what_it_imports(tmp_path: Path, text: str, hot: bool) -> None:
    assert narrowed(tmp_path, {"vendor.py": VENDOR, "user.py": text}) == ({"user"} if hot else set())


@pytest.mark.parametrize(
    "middle",
    [
        "from vendor import ask\n",
        "from vendor import *\n",
        "from vendor import ask as other\ndef ask(x): return other(x)\n",
        "import vendor\nask = vendor.ask\n",
        "import vendor\nclass ask:\n    def __call__(self, x): return vendor.ask(x)\n",
        "import vendor\nask = {}\nask['a'] = vendor.ask\n",
        "import vendor\nask = []\nask.append(vendor.ask)\n",
        "import vendor\nask = None\ndef fill():\n    global ask\n    ask = vendor.ask\n",
        "import vendor\nask = Router()\n@ask.get('/')\ndef handler(): return vendor.client\n",
    ],
)
def test_names_are_handed_on(tmp_path: Path, middle: str) -> None:
    assert handed_on(tmp_path, middle) == {"middle", "user"}


@pytest.mark.parametrize(
    "middle",
    [
        "import vendor\nif True:\n    try:\n        def ask(x):\n            return vendor.ask(x)\n    except E:\n        ask = None\n",
        "import vendor\nwith vendor.client as ask:\n    pass\n",
        "import vendor\nfor ask in [vendor.ask]: break\n",
        "import vendor\nother = ask = vendor.ask\n",
        "import vendor; ask = vendor.ask\n",
        "import vendor\n(\n    ask,\n    other,\n) = vendor.ask, 1\n",
        "import vendor\n[ask, other] = vendor.ask, 1\n",
        "import vendor\nother, (ask, third) = 1, (vendor.ask, 2)\n",
        "import vendor\nwith (\n    vendor.client as ask,\n): pass\n",
        "import vendor\nfor number, (name, ask) in enumerate([('a', vendor.ask)]):\n    pass\n",
        "import vendor\nif vendor:ask=vendor.ask\n",
        "import vendor\nother = 1\n\x0cask = vendor.ask\n",
        "import vendor\nif {\n    1:\n        2\n}:\n    ask = vendor.ask\n",
        "import vendor\ndef ask(x):\n    return f'''Answer: {vendor.ask(x)}'''\n",
        "import vendor\nask = {}\ndef fill():\n    if True: ask['a'] = vendor.ask\n",
        "import vendor\nask = {}\ndef fill():\n    ask[\n        'a'\n    ] = vendor.ask\n",
        "import vendor\nask = {}\ndef fill():\n    ask[key(n=1)] = vendor.ask\n",
        "import vendor\nask = None\ndef fill():\n    global other; global ask\n    ask = vendor.ask\n",
        "import vendor\nif vendor: ask = vendor.ask\n",
        "import vendor\ntry: ask = vendor.ask\nexcept E: ask = None\n",
        "import vendor\nif (ask := vendor.ask): pass\n",
        "import vendor\nother, ask = 1, vendor.ask\n",
        "import vendor\nask: 'vendor.Client' = None\n",
        "import vendor\nask = wrap(\n'(', # )\nvendor.ask,\n)\n",
        "import vendor\nask = \\\n    vendor.ask\n",
        "import vendor\nLONG = '''\nask = [(\n'''\ndef ask():\n    return vendor.ask\n",
        "import vendor\n@wraps(\n    vendor.ask\n)\nasync def ask(): ...\n",
        "import vendor\nask = Router()\ndef fill():\n    ask.routes['a'][0] = vendor.ask\n",
        "import vendor\nask = Router()\nnothing_of_it = ask.register(vendor.ask)\n",
        "import vendor\n\nclass ask(Base[int], metaclass=Meta):\n    class Inner:\n        def go(self): return vendor.ask\n",
    ],
)
def test_statements_are_told_apart_by_their_text(tmp_path: Path, middle: str) -> None:
    assert handed_on(tmp_path, middle) == {"middle", "user"}


@pytest.mark.parametrize(
    "middle",
    [
        "import vendor\nx = vendor.ask\n\ndef ask():\n    return 1\n",
        "import vendor\ndef ask():\n    '''See\nx\n    '''  # and x\nx = vendor.ask\n",
        "import vendor\nfor i in [vendor.ask]: pass\ndef ask():\n    for k in 'abc': pass\n",
        "import vendor\nx: dict = vendor.ask\ndef ask() -> dict: ...\n",
    ],
)
def test_what_stands_beside_it_stays_cold(tmp_path: Path, middle: str) -> None:
    assert narrowed(tmp_path, {"vendor.py": VENDOR, "middle.py": middle, "user.py": "from middle import ask\n"}) == {"middle"}


@pytest.mark.parametrize(
    "odd",
    [
        "TABLE = [\n" + "('a', 1),\n" * 60_000 + "]\n",
        "def f():\n    x" + "[0]" * 200_000 + "\n",
        "def f():\n    x" + "[y.z]" * 100_000 + " == 1\n",
        "x = " + "'''a" * 100_001 + "\n",
        "if a:\n" + "    b(\n" * 50_000,
        "".join(f"{' ' * depth}class A:\n" for depth in range(400)),
        "".join(f"{' ' * depth}if a:\n" for depth in range(1_400)),
    ],
    ids=["table", "items", "compared", "strings", "brackets", "classes", "conditions"],
)
def test_odd_texts_are_soon_read(odd: str) -> None:
    began = time.process_time()
    sketch(odd)
    assert time.process_time() - began < 5


def bound_by(text: str) -> set[str]:
    """Return the names that a module binds, by its syntax tree."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(text)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
            found.update(name for part in ast.walk(node) if isinstance(part, ast.Global) for name in part.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif not isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Lambda | ast.JoinedStr):
            waiting += ast.iter_child_nodes(node)
    return found


def test_sketches_have_all_that_modules_bind() -> None:
    """Of all sources at hand: ours, our fixtures, and what of Python's own library lies in one folder."""
    here = Path(__file__).parent
    files = [*here.parent.glob("surfacelint/**/*.py"), *here.glob("**/*.py"), *Path(os.__file__).parent.glob("*.py")]
    assert len(files) > 500
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
            outline, bound = read_outline(text), bound_by(text)
        except (SyntaxError, ValueError):
            continue
        made = sketch(text)
        assert bound <= {name for each in made.definitions for name in each.names}, path
        classes = {each.qualname for each in outline.classes if "@" not in each.qualname and each.parent == MODULE_BODY}
        assert classes <= {each.qualname for each in made.classes}, path


def test_a_base_class_that_declares_a_hot_method_counts_with_its_importers(tmp_path: Path) -> None:
    files = {
        "vendor.py": """
            from base import Base
            import openai

            class A(Base):
                def ask(self): return openai.OpenAI()
                def name(self): return 1
        """,
        "root.py": "from vendor_names import other\nclass Root:\n    def name(self): ...\n",
        "base.py": "from root import Root\nclass Base(Root):\n    def ask(self): ...\ndef other(): ...\n",
        "vendor_names.py": "from openai import types\n",
        "user.py": "from base import Base\n",
        "cold.py": "from base import other\n",
        "namer.py": "from root import Root\n",
    }
    assert narrowed(tmp_path, files) == {"base", "user"}


def test_a_package_that_makes_up_its_names_hands_on_those_of_its_modules(tmp_path: Path) -> None:
    files = {
        "lazy/__init__.py": "import loader\n__getattr__ = loader.attach(__name__)\n",
        "lazy/vendor.py": VENDOR,
        "user.py": "from lazy import ask\nfrom lazy.vendor import shorten\n",
        "cold.py": "from lazy import nothing\nfrom lazy.vendor import shorten\n",
    }
    assert narrowed(tmp_path, files) == {"lazy", "user"}
