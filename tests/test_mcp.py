"""`surfacelint mcp`: the real process, asked by the SDK's own client, about a project that tries to lead it elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio.from_thread
import doors
import jsonschema  # type: ignore[import-untyped]
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp_types import CallToolResult, Tool

from surfacelint.mcp_server import results, tools
from surfacelint.mcp_server.arguments import ReviewArguments
from surfacelint.mcp_server.results import RuleResult
from surfacelint.mcp_server.served_project import RefusedError, ServedProject
from surfacelint.pipeline import engine

LOOP = """\
from openai import OpenAI

client = OpenAI()


def run(reviews):
    for review in reviews:
        client.responses.create(model="gpt-5-mini", input=review)


def hidden(reviews):
    for review in reviews:
        client.responses.create(model="gpt-5-mini", input=review)  # noqa: SRF101
"""
EMBEDDINGS = """\
from openai import OpenAI

client = OpenAI()


def run(texts: list[str]):
    vectors = []
    for text in texts:
        vectors.append(client.embeddings.create(model="text-embedding-3-small", input=text).data[0].embedding)
    return vectors
"""
MANY = "from openai import OpenAI\nclient = OpenAI()\n" + "".join(
    f"def run{n}(rows):\n    for row in rows:\n        client.responses.create(model='m', input=row)\n" for n in range(8)
)
CELL = ["from openai import OpenAI\n", "for row in open('rows'):\n", "    OpenAI().responses.create(model='m', input=row)\n"]

Call = Callable[..., CallToolResult]

needs_links = pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")


def notebook(lines: list[str]) -> str:
    cell: dict[str, Any] = {"cell_type": "code", "source": lines, "metadata": {}, "outputs": [], "execution_count": None}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, with files and links beside it that are none of its business."""
    around = tmp_path_factory.mktemp("around")
    (around / "outside").mkdir()
    (around / "outside" / "secret.py").write_text(LOOP, encoding="utf-8")
    folder = around / "project"
    for name in ("package", "inner"):
        (folder / name).mkdir(parents=True)
    files = {"pyproject.toml": "", "job.py": LOOP, "package/embeddings.py": EMBEDDINGS, "many.py": MANY, "book.ipynb": notebook(CELL)}
    files["broken.py"] = "import openai\ndef f(:\n"
    files |= {"inner/pyproject.toml": "[tool.surfacelint]\nselect = ['SRF3']\n", "inner/job.py": LOOP}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    if os.name != "nt":
        (folder / "link.py").symlink_to("../outside/secret.py")
        (folder / "links").symlink_to("../outside")
        (folder / "package" / "inner.py").symlink_to("../job.py")
    return folder


@pytest.fixture(scope="module")
def client(project: Path) -> Iterator[tuple[list[Tool], Call]]:
    """The tools of a server of the project, and what calls one of them."""
    before = snapshot(project.parent)
    command = StdioServerParameters(command=sys.executable, args=["-m", "surfacelint", "mcp", str(project)])
    with anyio.from_thread.start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(command)) as connected:

        def call(name: str, /, **arguments: Any) -> CallToolResult:
            answer: CallToolResult = portal.call(connected.call_tool, name, arguments)
            return answer

        yield portal.call(connected.list_tools).tools, call
    assert snapshot(project.parent) == before, "the server has written something"


@pytest.fixture(scope="module")
def call(client: tuple[list[Tool], Call]) -> Call:
    return client[1]


def snapshot(folder: Path) -> dict[str, object]:
    """Return what is known about all that is in a folder, except when it was read."""
    found = {str(path): path.lstat() for path in (folder, *folder.rglob("*"))}
    return {path: (status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino) for path, status in found.items()}


def said(answer: CallToolResult) -> str:
    """Return the one line of an error."""
    assert answer.is_error
    [block] = answer.content
    assert block.type == "text"
    assert block.text == block.text.strip()
    assert "\n" not in block.text
    assert "Traceback" not in block.text
    return block.text


def result(answer: CallToolResult) -> Any:
    """Return the structured result of a call, which the text repeats."""
    [block] = answer.content
    assert block.type == "text"
    assert not answer.is_error, block.text
    assert json.loads(block.text) == answer.structured_content
    return answer.structured_content


class TestTools:
    def test_what_there_is(self, client: tuple[list[Tool], Call]) -> None:
        assert [each.name for each in client[0]] == [each.name for each in tools.TOOLS]

    def test_none_changes_anything(self, client: tuple[list[Tool], Call]) -> None:
        for each in client[0]:
            assert each.annotations is not None
            assert each.annotations.read_only_hint
            assert each.annotations.open_world_hint is False

    def test_schemas(self, client: tuple[list[Tool], Call]) -> None:
        for each in client[0]:
            for schema in (each.input_schema, each.output_schema):
                assert schema is not None
                jsonschema.Draft202012Validator.check_schema(schema)
                assert schema["type"] == "object"
            assert each.input_schema["additionalProperties"] is False
            assert all("description" in argument for argument in each.input_schema["properties"].values())

    def test_results_fit_their_schemas(self, client: tuple[list[Tool], Call]) -> None:
        schemas = {each.name: each.output_schema for each in client[0]}
        calls: dict[str, dict[str, Any]] = {
            "check": {},
            "explain": {"path": "job.py", "line": 8},
            "rule": {"code": "SRF101"},
            "fix": {"paths": ["package"]},
        }
        for name, arguments in calls.items():
            schema = schemas[name]
            assert schema is not None
            jsonschema.validate(client[1](name, **arguments).structured_content, schema)

    def test_another_tool(self, call: Call) -> None:
        with pytest.raises(MCPError, match="unknown tool 'write'; there are check"):
            call("write")


class TestCheck:
    @needs_links
    def test_same_findings_as_the_command_line(self, project: Path, call: Call) -> None:
        done = doors.surfacelint(project, "check", "--no-cache", "--output-format", "json", "job.py", "book.ipynb", "package", "broken.py")
        found = result(call("check", paths=["job.py", "book.ipynb", "package", "broken.py"]))
        wanted = json.loads(done.stdout)
        assert {each["filename"] for each in wanted} == {"job.py", "book.ipynb", "package/embeddings.py", "package/inner.py", "broken.py"}
        for theirs, ours in zip(wanted, found["findings"], strict=True):
            names = ours.keys() & theirs.keys() - {"fix"}
            assert {name: ours[name] for name in names} == {name: theirs[name] for name in names}
            assert (ours["fix"] is None) == (theirs["fix"] is None)
        assert not found["complete"]
        assert "could not be checked" in found["summary"]
        assert "1 finding suppressed" in found["summary"] or "2 findings suppressed" in found["summary"]

    def test_help_says_what_to_do(self, call: Call) -> None:
        [finding] = result(call("check", paths=["job.py"]))["findings"]
        assert finding["code"] == "SRF101"
        assert "batches.create" in finding["help"]
        assert finding["url"]
        assert "sends the request" in finding["trace"][-1]["note"]
        assert finding["fix"]["applicability"] == "unsafe"

    def test_selected_rules(self, call: Call) -> None:
        assert result(call("check", paths=["job.py"], select=["SRF104"]))["findings"] == []
        assert "unknown rule 'SRF9999'" in said(call("check", select=["SRF9999"]))

    def test_two_projects(self, call: Call) -> None:
        """A project in the project has its own settings, wherever the paths come from."""
        found = result(call("check", paths=["inner/job.py", "job.py"]))
        assert [each["filename"] for each in found["findings"]] == ["job.py"]
        assert "2 files checked" in found["summary"]
        assert result(call("fix", paths=["inner/job.py", "job.py"], unsafe=True))["files"] == ["job.py", "llm_batch.py"]

    def test_more_than_fit(self, call: Call) -> None:
        found = result(call("check", paths=["many.py"], limit=5))
        assert (len(found["findings"]), found["more"]) == (5, 3)

    @needs_links
    def test_no_link_out_of_the_project_is_read(self, project: Path, call: Call) -> None:
        assert "link.py:8" in doors.surfacelint(project, "check", "--no-cache", "--output-format", "concise").stdout
        found = result(call("check"))
        assert found["findings"]
        assert not any(each["filename"] == "link.py" for each in found["findings"])
        assert found["warnings"] == ["link.py: not read, because it links to a file outside the project"]

    def test_mistakes(self, call: Call) -> None:
        assert said(call("check", paths=["nowhere.py"])) == "nowhere.py does not exist"
        assert said(call("check", paths=["C:\\job.py"])).endswith("does not exist") or os.name == "nt"
        assert said(call("check", path="job.py")) == "unknown argument 'path'; check takes paths, select, limit"
        assert "paths" in said(call("check", paths="job.py"))
        assert "limit" in said(call("check", limit=0))
        found = result(call("check", paths=["job.py", "nowhere.py"]))
        assert (found["complete"], found["errors"]) == (False, ["nowhere.py does not exist"])


class TestOtherTools:
    def test_review(self, project: Path, call: Call) -> None:
        done = doors.surfacelint(project, "review", "--no-cache", "--output-format", "json", "job.py", "package/embeddings.py")
        wanted = {each["id"]: each for each in json.loads(done.stdout)["workloads"]}
        found = result(call("review", paths=["job.py", "package/embeddings.py"]))
        assert {each["id"] for each in found["workloads"]} == set(wanted)
        assert len(wanted) == 3
        for each in found["workloads"]:
            same = ("function", "call", "endpoint", "models", "surface", "verdict", "reason", "rules")
            assert [each[name] for name in same] == [wanted[each["id"]][name] for name in same]
            assert each["filename"] == wanted[each["id"]]["place"]["path"]
            assert each["figures"]
            assert "assumed" in each["basis"]
        assert found["verdicts"] == {"move to batch": 1, "send a list": 1, "not worth it": 1}
        assert [each["verdict"] for each in found["workloads"]] == ["move to batch", "send a list", "not worth it"]
        assert found["complete"]

    def test_review_of_nothing(self, call: Call) -> None:
        found = result(call("review", paths=["broken.py"]))
        assert not found["complete"]
        assert found["errors"][0].startswith("broken.py:2: not checked")
        assert said(call("review", paths=["nowhere.py"])) == "nowhere.py does not exist"

    def test_explain(self, project: Path, call: Call) -> None:
        wanted = json.loads(doors.surfacelint(project, "explain", "job.py:8", "--no-cache", "--output-format", "json").stdout)
        for each in (verdict for found in wanted for verdict in found["verdicts"]):
            del each["verdict"]  # the codes tell it
        assert wanted[0]["verdicts"][0]["codes"] == ["SRF101"]
        assert result(call("explain", path="job.py", line=8)) == {"calls": wanted, "more": 0, "note": ""}

    def test_explain_a_cell(self, call: Call) -> None:
        found = result(call("explain", path="book.ipynb", line=3, cell=1))["calls"]
        assert ["SRF101"] in [verdict["codes"] for each in found for verdict in each["verdicts"]]

    def test_explain_nothing(self, call: Call) -> None:
        assert "no call on line 4" in result(call("explain", path="job.py", line=4))["note"]
        assert "nowhere.py" in said(call("explain", path="nowhere.py", line=1))
        assert "directory" in said(call("explain", path="package", line=1))
        assert "line" in said(call("explain", path="job.py", line=0))

    def test_rule(self, project: Path, call: Call) -> None:
        found = result(call("rule", code="realtime-call-in-loop"))
        assert found["page"] in doors.surfacelint(project, "rule", "SRF101").stdout
        assert [each["code"] for each in found["rules"]] == ["SRF101"]
        every = result(call("rule"))
        assert every["page"] is None
        assert len(every["rules"]) == len(doors.surfacelint(project, "rule").stdout.splitlines())
        assert "SRF101" in said(call("rule", code="SRF10"))

    def test_fix(self, project: Path, call: Call) -> None:
        arguments = ("check", "--no-cache", "--diff", "--unsafe-fixes", "package/embeddings.py", "job.py")
        wanted = doors.surfacelint(project, *arguments).stdout
        found = result(call("fix", paths=["package/embeddings.py", "job.py"], unsafe=True))
        assert wanted
        assert found["diff"] == wanted
        assert "job.py" in found["files"]
        assert "llm_batch.py" in found["files"]
        assert found["fixed"] == 2
        assert result(call("fix", paths=["job.py"]))["diff"] == ""

    def test_fix_of_what_cannot_be_checked(self, call: Call) -> None:
        found = result(call("fix", paths=["broken.py"]))
        assert not found["complete"]
        assert found["errors"][0].startswith("broken.py: not checked")


OUTSIDE = ["../outside/secret.py", "../outside", "..", "package/../../outside", "../nothing", "/etc/passwd", "/"]
THROUGH_LINKS = ["link.py", "links", "links/secret.py", "links/nothing.py", "./package/../links/secret.py"]


class TestPaths:
    @pytest.mark.parametrize("path", OUTSIDE)
    def test_outside(self, path: str, call: Call) -> None:
        for name, arguments in (("check", {"paths": [path]}), ("fix", {"paths": [path]}), ("explain", {"path": path, "line": 7})):
            assert f"{path!r} is outside the project" in said(call(name, **arguments))

    @needs_links
    @pytest.mark.parametrize("path", THROUGH_LINKS)
    def test_through_a_link(self, path: str, call: Call) -> None:
        for name, arguments in (("check", {"paths": [path]}), ("fix", {"paths": [path]}), ("explain", {"path": path, "line": 7})):
            assert "through a link" in said(call(name, **arguments))

    def test_no_path(self, call: Call) -> None:
        assert "not a path" in said(call("check", paths=["a\0b"]))
        assert "\x1b" not in said(call("check", paths=["\x1b[2J"]))
        assert "paths" in said(call("check", paths=[]))

    def test_an_absolute_path_inside(self, project: Path, call: Call) -> None:
        [finding] = result(call("check", paths=[str(project / "job.py")]))["findings"]
        assert finding["filename"] == "job.py"

    @needs_links
    @pytest.mark.parametrize("name", ["surfacelint-volumes.toml", ".github/CODEOWNERS", "known.json"])
    def test_no_other_file_outside_is_read(self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nor do a volume file, owners or a baseline lead out of the project."""
        (tmp_path / "outside").write_text("a b c", encoding="utf-8")
        folder = tmp_path / "project"
        (folder / ".github").mkdir(parents=True)
        (folder / "pyproject.toml").write_text('[tool.surfacelint]\nbaseline = "known.json"\n', encoding="utf-8")
        (folder / "job.py").write_text(LOOP, encoding="utf-8")
        (folder / name).symlink_to(tmp_path / "outside")
        monkeypatch.chdir(folder)
        with pytest.raises(RefusedError, match=f"{name} leads out of the project"):
            tools.review(ServedProject.here(), ReviewArguments())

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
    @pytest.mark.parametrize("folder", ["plain", "br[a]ck", "cu{a,b}rl"])
    def test_links_whose_names_are_patterns(self, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "secret.py").write_text(LOOP, encoding="utf-8")
        project = tmp_path / folder
        (project / "package").mkdir(parents=True)
        (project / "setup.py").touch()
        (project / "package" / "surfacelint.toml").write_text("min-items = 1\n", encoding="utf-8")
        names = ["link.py", "{x,y}.py", "{x}.py", "a[b].py", "q?*.py", "!no.py", "back\\slash.py", "package/{x,y}.py"]
        for name in names:
            (project / name).symlink_to(tmp_path / "secret.py")
        monkeypatch.chdir(project)
        (scope,) = ServedProject.here().scopes(["."])
        assert engine.files(scope.paths, scope.config)[0] == (project / "setup.py",)
        assert sorted(scope.unread) == sorted(names)

    def test_a_package_is_not_left_upwards(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The project of a file starts above its package, unless that is where the server starts."""
        (tmp_path / "package").mkdir()
        for name in ("package/__init__.py", "package/job.py"):
            (tmp_path / name).write_text("", encoding="utf-8")
        monkeypatch.chdir(tmp_path / "package")
        served = ServedProject.here()
        assert served.root == tmp_path / "package"
        assert served.scopes(["job.py"])[0].config.root == served.root


class TestServer:
    def test_what_is_no_project(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("USERPROFILE", str(tmp_path))
        for folder in (tmp_path, Path(tmp_path.anchor)):
            monkeypatch.chdir(folder)
            with pytest.raises(RefusedError, match="is not a project: pass the folder of one"):
                ServedProject.here()

    def test_a_folder_that_is_missing(self, tmp_path: Path) -> None:
        done = doors.surfacelint(tmp_path, "mcp", "nowhere")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "error: nowhere: cannot be served: No such file or directory; name the folder of a project\n"

    def test_without_the_extra(self, tmp_path: Path) -> None:
        program = "import sys; sys.modules['mcp'] = None; sys.argv = ['surfacelint', 'mcp']; from surfacelint.startup import main; main()"
        done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: `surfacelint mcp` needs the extra `mcp`: pip install 'surfacelint[mcp]'")
        assert done.stderr.count("\n") == 1

    def test_stdout_belongs_to_the_protocol(self, project: Path) -> None:
        """Whatever else is printed goes to stderr, an internal error is one line, and the end of standard input is the end."""
        program = """
import os, sys
import surfacelint.mcp_server.tools as tools
def run(*_, **__):
    print("printed")
    os.write(1, b"written\\n")
    raise RuntimeError("two\\nlines")
tools.engine.run = run
from surfacelint.cli import main
main(["mcp"])
"""
        version = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
        messages: list[dict[str, Any]] = [
            {"id": 1, "method": "initialize", "params": version},
            {"method": "notifications/initialized"},
            {"id": 2, "method": "tools/call", "params": {"name": "check", "arguments": {"paths": ["job.py"]}}},
            {"id": 3, "method": "ping"},
        ]
        with subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=project,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stderr is not None
            answers: dict[int, Any] = {}
            for message in messages:
                process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
                process.stdin.flush()
                if "id" in message:
                    answer = json.loads(process.stdout.readline())
                    answers[answer["id"]] = answer["result"]
            process.stdin.close()
            assert process.stdout.read() == ""
            errors = process.stderr.read()
            assert process.wait(30) == 0
        assert answers[1]["serverInfo"]["name"] == "surfacelint"
        assert answers[2]["isError"]
        assert answers[2]["content"][0]["text"] == "surfacelint itself failed with RuntimeError: two lines; please report it"
        assert "printed" in errors
        assert "written" in errors


class TestBounds:
    def test_notes(self) -> None:
        assert results.notes(["a"] * 20) == ["a"] * 20
        assert results.notes(["a"] * 25) == [*["a"] * 19, "6 more"]

    def test_texts(self) -> None:
        assert len(results.shortened("a" * 5_000)) == results.LONGEST_TEXT
        assert results.shortened("a" * 900) == "a" * 900

    def test_items(self) -> None:
        items = [RuleResult(rules=[], page="a" * (results.LARGEST // 4)) for _ in range(9)]
        assert len(results.first(items, 9)) == 3
        assert len(results.first(items, 2)) == 2
        large = RuleResult(rules=[], page="a" * results.LARGEST)
        assert results.first([large, large], 2) == [large]

    def test_diffs_are_whole(self) -> None:
        parts = {"a": "x" * 50_000, "b": "x" * 50_000, "c": "x" * 5_000}
        assert results.fitting(parts) == ["a", "c"]
