"""The snippets of `docs/agents.md`: the hook script gets the events that agents send, and every configuration can be read."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import doors
import pages
import pytest

from surfacelint.mcp_server.results import LARGEST
from surfacelint.mcp_server.tools import TOOLS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PAGE = (doors.REPOSITORY / "docs" / "agents.md").read_text(encoding="utf-8")
PROGRAM = Path(sys.executable).with_name("surfacelint")
LOOP = "import openai\nfor line in open('lines'):\n    openai.responses.create(model='m', input=line)\n"

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="surfacelint is not installed beside this Python")


def blocks(language: str) -> list[str]:
    return pages.texts("docs/agents.md", language)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {"pyproject.toml": "", "job.py": LOOP, "clean.py": "print()\n", "notes.md": ""}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def environment() -> dict[str, str]:
    return {**os.environ, "PATH": os.pathsep.join((str(PROGRAM.parent), os.environ["PATH"]))}


def hook(project: Path, event: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Send an event to the script of the page."""
    [script] = blocks("python")
    (project / ".agents").mkdir(exist_ok=True)
    (project / ".agents" / "surfacelint_hook.py").write_text(script, encoding="utf-8")
    command = [sys.executable, ".agents/surfacelint_hook.py"]
    return subprocess.run(
        command, cwd=project, env=environment(), input=json.dumps(event), capture_output=True, encoding="utf-8", check=False
    )


@pytest.mark.parametrize(
    "event",
    [
        {"hook_event_name": "PostToolUse", "tool_name": "Edit", "tool_input": {"file_path": "job.py", "old_string": "", "new_string": ""}},
        {"hookEventName": "PostToolUse", "tool_name": "editFiles", "tool_input": {"files": ["notes.md", "job.py"]}},
        {"hook_event_name": "Stop", "stop_hook_active": False},
    ],
    ids=["file", "files", "turn"],
)
def test_findings_are_shown_to_the_model(project: Path, event: dict[str, Any]) -> None:
    done = hook(project, event)
    assert (done.returncode, done.stdout) == (2, "")
    assert "job.py:3:5: SRF101" in done.stderr


@pytest.mark.parametrize(
    "event",
    [
        {"hook_event_name": "PostToolUse", "tool_input": {"file_path": "clean.py"}},
        {"hook_event_name": "PostToolUse", "tool_input": {"file_path": "notes.md"}},
        {"hook_event_name": "Stop", "stop_hook_active": True},
    ],
    ids=["clean", "no Python", "going on"],
)
def test_nothing_to_say(project: Path, event: dict[str, Any]) -> None:
    done = hook(project, event)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_configurations() -> None:
    servers = [block for block in map(json.loads, blocks("json")) if "hooks" not in block]
    servers += [{"servers": tomllib.loads(block)["mcp_servers"]} for block in blocks("toml")]
    assert len(servers) == 5
    for block in servers:
        [found] = block.values()
        assert found["surfacelint"]["command"] == "surfacelint"
        assert found["surfacelint"]["args"][0] == "mcp"
    hooks = [block["hooks"] for block in map(json.loads, blocks("json")) if "hooks" in block]
    assert len(hooks) == 4
    assert all(".agents/surfacelint_hook.py" in json.dumps(each) for each in hooks)


def test_tools() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", PAGE, re.MULTILINE))
    assert {name: re.findall(r"`(\w+)`", arguments) for name, arguments in table.items()} == {
        each.name: list(each.arguments.model_fields) for each in TOOLS
    }
    assert f"{LARGEST:,} characters" in PAGE


def test_json_lines(project: Path) -> None:
    [script] = [block for block in blocks("sh") if "json-lines" in block]
    if os.name == "nt":
        pytest.skip("needs a shell")
    done = subprocess.run(["sh", "-c", script], cwd=project, env=environment(), capture_output=True, encoding="utf-8", check=False)
    assert done.stdout.startswith("job.py 3 SRF101 ")
