"""Imports that fixes add: where they stand, how they are spelled, and when there is no name for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from surfacelint.codemods.documents import Document, Documents
from surfacelint.codemods.import_edits import ImportEdits
from surfacelint.codemods.refusals import Refusal
from surfacelint.facts.expressions import Position
from surfacelint.model.findings import Edit
from surfacelint.project.module_names import Project
from surfacelint.reading.source_reader import Sources

HERE = "use()"


def read(folder: Path, name: str = "job.py") -> Document:
    sources = Sources(Project.build(folder, [folder / name]), {})
    found = Documents(sources, "llm_batch").at(next(iter(sources.project.files)).display)
    assert found is not None
    return found


def place(text: str) -> Position:
    before, _, _ = text.partition(HERE)
    return Position(before.count("\n") + 1, len(before.rpartition("\n")[2]))


def edited(text: str, edits: tuple[Edit, ...]) -> str:
    lines = text.split("\n")
    for edit in sorted(edits, reverse=True):
        (start, end) = (edit.span.start, edit.span.end)
        assert start.line == end.line
        line = lines[start.line - 1]
        lines[start.line - 1] = line[: start.column] + edit.text + line[end.column :]
    return "\n".join(lines)


def with_imports(folder: Path, text: str, *wanted: tuple[str, str]) -> tuple[str, list[str | Refusal]]:
    """Return a text with what its line `use()` needs, and the names of that."""
    (folder / "job.py").write_text(text)
    imports = ImportEdits(read(folder), place(text))
    names = [imports.name(*each) for each in wanted]
    changed = edited(text, imports.edits())
    compile(changed, "job.py", "exec")
    return changed, names


TIME = ("time", "")
RUN = ("llm_batch", "BatchRun")

CASES = {
    "beside the standard library": (
        "import os\nimport sys\n\nfrom openai import OpenAI\n\nuse()\n",
        "import os\nimport sys\nimport time\n\nfrom llm_batch import BatchRun\nfrom openai import OpenAI\n\nuse()\n",
    ),
    "no import of the standard library": (
        "from openai import OpenAI\n\nuse()\n",
        "import time\n\nfrom llm_batch import BatchRun\nfrom openai import OpenAI\n\nuse()\n",
    ),
    "only the standard library, with a comment": (
        "import os  # noqa: F401\nuse()\n",
        "import os  # noqa: F401\nimport time\n\nfrom llm_batch import BatchRun\nuse()\n",
    ),
    "no import at all": ("use()\n", "import time\n\nfrom llm_batch import BatchRun\n\nuse()\n"),
    "a docstring": ('"""A job."""\n\nuse()\n', '"""A job."""\n\nimport time\n\nfrom llm_batch import BatchRun\n\nuse()\n'),
    "a script": (
        "#!/usr/bin/env python\n# coding: utf-8\n\n# Runs.\nuse()\n",
        "#!/usr/bin/env python\n# coding: utf-8\n\nimport time\n\nfrom llm_batch import BatchRun\n\n# Runs.\nuse()\n",
    ),
    "the future": (
        "from __future__ import annotations\nuse()\n",
        "from __future__ import annotations\n\nimport time\n\nfrom llm_batch import BatchRun\nuse()\n",
    ),
    "before code, not at the end": (
        "from openai import OpenAI\nuse()\nfrom zoo import a\n",
        "import time\n\nfrom llm_batch import BatchRun\nfrom openai import OpenAI\nuse()\nfrom zoo import a\n",
    ),
    "several lines": (
        "from a import (\n    b,\n)  # c\nuse()\n",
        "import time\n\nfrom a import (\n    b,\n)  # c\nfrom llm_batch import BatchRun\nuse()\n",
    ),
    "relative ones": (
        "from .llm import ask\nuse()\n",
        "import time\n\nfrom llm_batch import BatchRun\n\nfrom .llm import ask\nuse()\n",
    ),
    "merged": (
        "import time\nfrom llm_batch import batchable\n\ndef f():\n    use()\n",
        "import time\nfrom llm_batch import batchable, BatchRun\n\ndef f():\n    use()\n",
    ),
    "an import that may not run": (
        "if a:\n    import time\n\ndef f(time_):\n    use()\n",
        "import time\n\nfrom llm_batch import BatchRun\n\nif a:\n    import time\n\ndef f(time_):\n    use()\n",
    ),
    "the import of another function": (
        "import os\n\ndef g(BatchRun):\n    import time\n\ndef f():\n    use()\n",
        "import os\nimport time\n\nfrom llm_batch import BatchRun\n\ndef g(BatchRun):\n    import time\n\ndef f():\n    use()\n",
    ),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_imports_are_added_in_their_place(tmp_path: Path, text: str, expected: str) -> None:
    changed, names = with_imports(tmp_path, text, RUN, TIME, TIME)
    assert (changed, names) == (expected, ["BatchRun", "time", "time"])
    assert with_imports(tmp_path, changed, RUN, TIME) == (changed, ["BatchRun", "time"])


KNOWN = {
    "another name": ("import time as t\nfrom llm_batch import BatchRun as Run\nuse()\n", ["t", "Run"]),
    "through the module": ("import time, llm_batch as batches\nuse()\n", ["time", "batches.BatchRun"]),
    "in the function": ("def f():\n    import time\n    from llm_batch import BatchRun\n    use()\n", ["time", "BatchRun"]),
    "below the function": ("def f():\n    use()\n\nimport time\nfrom llm_batch import BatchRun\n", ["time", "BatchRun"]),
    "around the function": ("def g():\n    import time, llm_batch\n    def f():\n        use()\n", ["time", "llm_batch.BatchRun"]),
}


@pytest.mark.parametrize(("text", "expected"), KNOWN.values(), ids=KNOWN)
def test_what_is_imported_is_used(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert with_imports(tmp_path, text, TIME, RUN) == (text, expected)


TAKEN = {
    "time = 1\nuse()\n": "`time` means something else in this file",
    "from time import time\nuse()\n": "`time` means something else in this file",
    "def f(time):\n    use()\n": "`time` is a variable of `f`",
    "def f():\n    use()\n    for time, b in c:\n        pass\n": "`time` is a variable of `f`",
    "def f():\n    use()\n    import time\n": "`time` is a variable of `f`",
    "def f():\n    with a as time:\n        use()\n": "`time` is a variable of `f`",
    "def g():\n    global time\n    time = 1\n\ndef f():\n    use()\n": "`time` means something else in this file",
    "try:\n    import time\nexcept ImportError:\n    time = None\nuse()\n": "`time` means something else in this file",
    "def g():\n    time = 1\n    def f():\n        use()\n": "`time` is a variable of `g`",
    "match a:\n    case {'b': time}:\n        use()\n": "`time` means something else in this file",
    "if (time := 1):\n    use()\n": "`time` means something else in this file",
}


@pytest.mark.parametrize(("text", "reason"), TAKEN.items())
def test_a_name_that_is_taken_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    changed, (name,) = with_imports(tmp_path, text, TIME)
    assert changed == text
    assert isinstance(name, Refusal)
    assert name.reason.startswith(reason)


def test_a_name_elsewhere_is_not_in_the_way(tmp_path: Path) -> None:
    text = "import os\n\nclass A:\n    time = 1\n    def f(self):\n        use([time for time in os.environ])\n".replace(
        "use([", "use();(["
    )
    assert with_imports(tmp_path, text, TIME)[1] == ["time"]


def test_the_cell_of_a_notebook_gets_the_import(tmp_path: Path) -> None:
    cells = ["%matplotlib inline\nimport os", "print(os)\nfrom a import b", "use()"]
    notebook = {"cells": [{"cell_type": "code", "source": text} for text in cells], "metadata": {}, "nbformat": 4}
    (tmp_path / "job.ipynb").write_text(json.dumps(notebook))
    document = read(tmp_path, "job.ipynb")
    imports = ImportEdits(document, place(document.source.text))
    assert [imports.name(*TIME), imports.name("a", "c")] == ["time", "c"]
    first, second = imports.edits()
    assert (first.cell, first.span.start, first.text) == (1, Position(2, 9), "\nimport time")
    assert (second.cell, second.span.start, second.text) == (2, Position(2, 15), ", c")


def test_a_long_line_is_not_made_longer(tmp_path: Path) -> None:
    text = f"from llm_batch import {'a' * 60}\nuse()\n"
    assert with_imports(tmp_path, text, RUN)[0] == f"from llm_batch import {'a' * 60}\nfrom llm_batch import BatchRun\nuse()\n"
