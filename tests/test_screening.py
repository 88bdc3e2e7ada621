"""Which files matter: what is seen of imports in bytes, what makes a seed, and who imports it."""

from __future__ import annotations

import ast
import importlib.util
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from surfacelint.project.module_names import Project, SourceFile
from surfacelint.reading.file_decoding import read_bytes
from surfacelint.relevance.import_screening import Screening, as_lines, imports_of, screen

NEEDLES = frozenset({"openai", "google.genai", "agents", "langchain_openai"})
HTTP_NEEDLES = frozenset({"api.openai.com"})

Screen = Callable[[Mapping[str, str]], Screening]


@pytest.fixture
def screened(tmp_path: Path) -> Screen:
    """Return a function that writes files and screens them."""

    def make(files: Mapping[str, str]) -> Screening:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        project = Project.build(tmp_path, [tmp_path / name for name in files], frozenset(needle.partition(".")[0] for needle in NEEDLES))
        return screen(project, read_bytes, NEEDLES, HTTP_NEEDLES)

    return make


def notebook(*cells: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]})


def seen(text: str) -> set[tuple[str, str]]:
    """Return module and names of the imports in `text`, white space made single."""
    return {(module.decode(), " ".join(names.decode().split())) for module, names in imports_of(text.encode())}


class TestImports:
    @pytest.mark.parametrize(
        ("text", "records"),
        [
            ("import openai", {("", "openai")}),
            ("import os, openai as o\n", {("", "os, openai as o")}),
            ("import a.b.c as d # why\n", {("", "a.b.c as d")}),
            ("import a, \\\n    b\n", {("", "a, \\ b")}),
            ("from openai import OpenAI\n", {("openai", "OpenAI")}),
            ("from . import helper\n", {(".", "helper")}),
            ("from .import helper\n", {(".", "helper")}),
            ("from.a import b\n", {(".a", "b")}),
            ("from ..a.b import c as d, e\n", {("..a.b", "c as d, e")}),
            ("from a import(b)\n", {("a", "(b")}),
            ("from a import *\n", {("a", "*")}),
            ("from a import (\n    b,  # one (or two)\n    c as d,\n)\n", {("a", "( b, # one (or two) c as d,")}),
            ("from a import \\\n    b, \\\n    c\n", {("a", "b, \\ c")}),
            ("from a import \\\n    (b)\n", {("a", "(b")}),
            ("from a \\\n    import b\n", {("a", "b"), ("", "b")}),  # one too many is harmless
            ("\ufeffimport a\r\nfrom b import c\r\n", {("", "a"), ("b", "c")}),
            ("import a\rimport b\r", {("", "a"), ("", "b")}),
            ("def f():\n\timport a\n\tfrom b import c\n", {("", "a"), ("b", "c")}),
            ("try: import a\nexcept E: from b import c\nx = 1; import d;import e", {("", "a"), ("b", "c"), ("", "d"), ("", "e")}),
            ("from größe import maß\n", {("größe", "maß")}),
            ("raise E from import_error\nyield from importer\nfrom_ = important\n", set()),
            (">>> import a\n# from b import c\nWe import d from e.\n", set()),
        ],
    )
    def test_forms(self, text: str, records: set[tuple[str, str]]) -> None:
        assert seen(text) == records

    @pytest.mark.parametrize("package", ["asyncio", "email", "unittest", "surfacelint", "click"])
    def test_all_that_the_parser_sees(self, package: str) -> None:
        spec = importlib.util.find_spec(package)
        assert spec is not None and spec.origin is not None
        files = sorted(Path(spec.origin).parent.rglob("*.py"))
        assert files
        for path in files:
            data = path.read_bytes()
            wanted: set[tuple[str, str]] = set()
            for node in ast.walk(ast.parse(data)):
                if isinstance(node, ast.Import):
                    wanted |= {("", alias.name) for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    wanted |= {("." * node.level + (node.module or ""), alias.name) for alias in node.names}
            text = [(module.decode(), names.decode("latin-1")) for module, names in imports_of(data)]
            missed = {(module, name) for module, name in wanted if not any(module == other and name in names for other, names in text)}
            assert not missed, path

    def test_notebooks(self) -> None:
        cells = notebook("import os\nfrom openai import (\n    OpenAI,\n    AsyncOpenAI)\n", "if x:\n    import a.b as c")
        records = {(module, tuple(names.replace(b",", b" ").split())) for module, names in imports_of(as_lines(cells.encode()))}
        assert records == {(b"", (b"os",)), (b"openai", (b"(", b"OpenAI", b"AsyncOpenAI")), (b"", (b"a.b", b"as", b"c"))}

    @pytest.mark.parametrize(
        "text", [b"\nfrom x import (", b";from x import (#", b"\nfrom x \\\n", b"\nimport \\\n", b"  from .", b"from "]
    )
    def test_hostile_repetition_takes_no_time(self, text: bytes) -> None:
        begin = time.process_time()
        imports_of(text * (1_000_000 // len(text)))
        imports_of(text + b" " * 1_000_000)
        assert time.process_time() - begin < 5


class TestSeeds:
    @pytest.mark.parametrize(
        "text",
        [
            "import openai",
            "import openai.types as t",
            "import os, openai",
            "from openai import OpenAI",
            "from openai.resources.chat import Completions",
            "from google import genai",
            "from google import (\n    auth,\n    genai,\n)",
            "from google.genai import types",
            "import google.genai as g",
            "import google.genai.types",
            "from google import *",
            "def f():\n    from openai import OpenAI",
        ],
    )
    def test_vendor_imports(self, screened: Screen, text: str) -> None:
        assert screened({"a.py": text}).seeds == {"a"}

    @pytest.mark.parametrize(
        "text",
        [
            "import openai_helpers",
            "from google import auth",
            "from google.generativeai import GenerativeModel",
            "import google.auth",
            "from .openai import client",
            "from x import openai",
            "# import openai",
            "text = 'openai'",
            ">>> import openai",
        ],
    )
    def test_others(self, screened: Screen, text: str) -> None:
        assert screened({"a.py": text}).relevant == frozenset()

    @pytest.mark.parametrize("module", ["requests", "httpx", "aiohttp", "urllib.request", "urllib3"])
    def test_requests_without_sdk(self, screened: Screen, module: str) -> None:
        call = "post('https://api.openai.com/v1/chat/completions')"
        assert screened({"a.py": f"import os, {module}\n{call}", "b.py": call, "c.py": f"import {module}\n"}).seeds == {"a"}
        assert screened({"a.py": f"from {module} import x\n{call}"}).seeds == {"a"}

    def test_own_packages_of_the_same_name(self, screened: Screen) -> None:
        own = screened({"agents/__init__.py": "", "main.py": "from agents import Agent\nimport agents"})
        assert own.seeds == frozenset()
        deep = screened({"app/__init__.py": "", "app/agents/__init__.py": "", "app/main.py": "from agents import Agent"})
        assert deep.seeds == {"app.main"}

    def test_an_adapter_named_after_its_sdk(self, screened: Screen) -> None:
        adapters = {"providers/openai.py": "from openai import OpenAI", "providers/base.py": "import openai"}
        assert screened({"providers/__init__.py": "", **adapters}).seeds == {"providers.openai", "providers.base"}
        # Without a package Python takes the module beside a script, and what imports a seed is relevant all the same.
        assert screened(adapters).seeds == {"providers.openai"}
        assert screened(adapters).relevant == {"providers.openai", "providers.base"}

    def test_a_directory_that_shares_a_namespace(self, screened: Screen) -> None:
        assert screened({"google/own.py": "", "a.py": "from google import genai", "b.py": "from google import own"}).seeds == {"a"}

    def test_notebooks(self, screened: Screen) -> None:
        found = screened(
            {"a.ipynb": notebook("!pip install x", "from openai import OpenAI\nclient = OpenAI()"), "b.ipynb": notebook("x = 1")}
        )
        assert found.relevant == {"<a:ipynb>"}


class TestImporters:
    def test_transitive(self, screened: Screen) -> None:
        found = screened(
            {
                "llm.py": "import openai",
                "service.py": "from llm import ask",
                "app.py": "import service",
                "models.py": "import os",
                "views.py": "import models",
            }
        )
        assert found.seeds == {"llm"}
        assert found.relevant == {"llm", "service", "app"}
        assert found.imports["app"] == {"service"}
        assert found.imports["views"] == {"models"}

    def test_src_layout_with_reexports(self, screened: Screen) -> None:
        found = screened(
            {
                "src/pkg/__init__.py": "from .llm import ask",
                "src/pkg/llm/__init__.py": "from ._client import ask",
                "src/pkg/llm/_client.py": "from openai import OpenAI",
                "src/pkg/plain.py": "",
                "tests/test_ask.py": "from pkg import ask",
                "tests/test_plain.py": "from tests import helper",
            }
        )
        assert found.relevant == {"src.pkg", "src.pkg.llm", "src.pkg.llm._client", "tests.test_ask"}

    @pytest.mark.parametrize(
        "text",
        [
            "from pkg import llm",
            "from pkg import other, llm as l",
            "from pkg import (\n    other,  # (sic)\n    llm,\n)",
            "import pkg.llm",
            "import os, pkg.llm as l",
            "from pkg.llm import ask",
            "import pkg\nfrom pkg import llm",
            "from pkg.llm.ask import gone",
        ],
    )
    def test_ways_to_import_a_module(self, screened: Screen, text: str) -> None:
        found = screened({"pkg/__init__.py": "", "pkg/llm.py": "import openai", "pkg/other.py": "", "main.py": text})
        assert found.relevant == ({"pkg.llm"} if "gone" in text else {"pkg.llm", "main"})

    @pytest.mark.parametrize("text", ["from . import llm", "from .llm import ask", "from ..pkg import llm", "from ..pkg.llm import ask"])
    def test_relative_imports(self, screened: Screen, text: str) -> None:
        found = screened({"pkg/__init__.py": "", "pkg/llm.py": "import openai", "pkg/main.py": text})
        assert found.relevant == {"pkg.llm", "pkg.main"}

    def test_import_of_a_module_runs_its_packages(self, screened: Screen) -> None:
        found = screened(
            {"a/__init__.py": "import openai", "a/b/__init__.py": "", "a/b/c.py": "", "main.py": "import a.b.c", "d.py": "import a.gone"}
        )
        assert found.relevant == {"a", "main", "d"}
        assert found.imports["main"] == {"a", "a.b", "a.b.c"}

    def test_namespace_packages(self, screened: Screen) -> None:
        found = screened(
            {"ns/llm.py": "import openai", "a.py": "from ns import llm", "b.py": "import ns.llm", "ns/c.py": "from . import llm"}
        )
        assert found.relevant == {"ns.llm", "a", "b", "ns.c"}

    def test_a_root_that_is_a_package(self, screened: Screen) -> None:
        found = screened({"__init__.py": "from . import nodes", "nodes.py": "import openai", "other.py": "from . import *"})
        assert found.relevant == {"nodes", "__init__", "other"}

    def test_cycles_end(self, screened: Screen) -> None:
        found = screened({"a.py": "import b", "b.py": "import a\nimport openai", "c.py": "import c"})
        assert found.relevant == {"a", "b"}
        assert found.imports["c"] == frozenset()

    def test_scripts_and_notebooks_beside_a_module(self, screened: Screen) -> None:
        found = screened(
            {
                "jobs/client.py": "import openai",
                "jobs/run.py": "from client import ask",
                "jobs/try.ipynb": notebook("import client"),
                "x/run.py": "",
            }
        )
        assert found.relevant == {"jobs.client", "jobs.run", "jobs.<try:ipynb>"}


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    def only_b(file: SourceFile) -> bytes:
        if file.module == "a":
            raise PermissionError(13, "Permission denied")
        return b"import openai"

    project = Project.build(tmp_path, [tmp_path / "a.py", tmp_path / "b.py"])
    found = screen(project, only_b, NEEDLES, HTTP_NEEDLES)
    assert found.unreadable == {"a": "cannot be read: Permission denied"}
    assert found.relevant == {"b"}
