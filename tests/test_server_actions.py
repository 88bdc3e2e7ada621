"""Hovers and code actions of the language server: what the user is told, and edits that do what the command line does."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import doors
import pytest
from editor import START, Editor, checked, copied
from lsprotocol import types
from server_projects import JOB, LLM, UNUSED, notebook, project

pytest_plugins = ("server_fixtures",)
pytestmark = pytest.mark.asyncio(loop_scope="module")

SMALL = {"llm.py": LLM, "job.py": JOB}

CALL = types.Range(types.Position(5, 16), types.Position(5, 16))
"""The cursor in the call of `JOB` that repeats."""

TIER = """\
from openai import OpenAI

client = OpenAI()


def main(reviews):
    for review in reviews:
        print(client.responses.create(model="gpt-5-mini", input=review, service_tier="priority"))
"""


def files(folder: Path) -> dict[str, str]:
    """Return the text of each file in a folder, without the cache."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and ".surfacelint_cache" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in paths}


def sources(text: str) -> list[str]:
    """Return the text of each cell of a notebook."""
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"]]


def done(folder: Path, target: Path, *arguments: str) -> dict[str, str]:
    """Return the files of a copy of a folder after a command."""
    copy = copied(folder, target)
    run = doors.surfacelint(copy, *arguments)
    assert run.returncode in (0, 1), run.stderr
    return files(copy)


async def test_hover_has_the_answers_the_trace_and_the_page(editor: Editor) -> None:
    project(editor.folder, SMALL)
    await editor.enter()
    uri = editor.open("job.py")
    text = await editor.hover(uri, CALL.start)
    for part in (
        "**SRF101** realtime-call-in-loop · warning",
        "| Is a user waiting? | unknown |",
        "| Can the items run independently? | yes |",
        "| Is the volume worth it? | unknown number of items |",
        f"[`llm.py:7`]({editor.uri('llm.py')}#L7) `client.responses.create` sends the request",
        "- join results by `custom_id`: they arrive in any order",
        "A code action applies it, for your review: submit the requests as a batch.",
        "#### When to leave it",
    ):
        assert part in text
    assert await editor.hover(uri, types.Position(0, 0)) == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
async def test_the_name_of_a_file_is_no_markup_of_a_hover(editor: Editor) -> None:
    name = "a](b) <img src=x> `c`.py"
    project(editor.folder, {name: SMALL["job.py"], "llm.py": SMALL["llm.py"]})
    await editor.enter()
    text = await editor.hover(editor.open(name), CALL.start)
    assert f"[`{name.replace('`', chr(39))}:" in text
    assert "<img" not in re.sub(r"`[^`]*`", "", text)


async def test_an_unsafe_fix_is_that_of_the_command_line(editor: Editor, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = project(editor.folder, SMALL)
    expected = done(folder, tmp_path_factory.mktemp("cli") / "copy", "check", "--fix", "--unsafe-fixes", "job.py")
    await editor.enter()
    uri = editor.open("job.py")
    action = await editor.action(uri, CALL, "needs review")
    assert action.edit is not None
    assert action.edit.change_annotations is not None
    assert all(each.needs_confirmation for each in action.edit.change_annotations.values())
    assert files(folder).keys() == {"job.py", "llm.py", "pyproject.toml"}  # nothing was written
    editor.apply(action)
    editor.save(uri)
    assert files(folder) == expected
    await editor.settled()
    assert editor.rows() == []


async def test_all_safe_fixes_are_those_of_the_command_line(editor: Editor, tmp_path_factory: pytest.TempPathFactory) -> None:
    crlf = TIER.replace("\n", "\r\n")
    folder = project(editor.folder, {"tier.py": crlf + UNUSED, "other.py": UNUSED})
    expected = done(folder, tmp_path_factory.mktemp("cli") / "copy", "check", "--fix", "tier.py")
    await editor.enter()
    uri = editor.open("tier.py")
    (action,) = await editor.actions(uri, START, "source.fixAll")
    editor.apply(await editor.lsp.code_action_resolve_async(action))
    editor.save(uri)
    assert files(folder) == expected
    assert expected["tier.py"] != crlf + UNUSED
    assert expected["other.py"] == UNUSED


async def test_fixes_of_a_notebook_are_those_of_the_command_line(editor: Editor, tmp_path_factory: pytest.TempPathFactory) -> None:
    cells = ("# Notes", "from llm import ask\n", f"%time\n{UNUSED}", "for review in open('reviews'):\n    print('🦉', ask(review))")
    folder = project(editor.folder, {"llm.py": LLM, "pages.ipynb": notebook(*cells)})
    safe, unsafe = (
        done(folder, tmp_path_factory.mktemp("cli") / "copy", "check", "--fix", *options, "pages.ipynb")
        for options in ((), ("--unsafe-fixes",))
    )
    await editor.enter()
    uris = editor.open_notebook("pages.ipynb", *cells)
    (action,) = await editor.actions(uris[2], START, "source.fixAll")
    editor.apply(await editor.lsp.code_action_resolve_async(action))
    assert [editor.texts[uri] for uri in uris] == sources(safe["pages.ipynb"]) != list(cells)
    await editor.settled()
    editor.apply(await editor.action(uris[3], types.Range(types.Position(1, 18), types.Position(1, 18)), "needs review"))
    assert [editor.texts[uri] for uri in uris] == sources(unsafe["pages.ipynb"]) != sources(safe["pages.ipynb"])
    assert {name: text for name, text in files(folder).items() if name != "pages.ipynb"} == {
        name: text for name, text in unsafe.items() if name != "pages.ipynb"
    }


async def test_a_finding_is_suppressed_with_a_reason(editor: Editor, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = project(editor.folder, SMALL)
    expected = done(folder, tmp_path_factory.mktemp("cli") / "copy", "check", "--add-ignores", "--reason", "forty a night", "job.py")
    await editor.enter()
    uri = editor.open("job.py")
    editor.apply(await editor.action(uri, CALL, "Suppress SRF101", reason="forty a night"))
    await editor.settled()
    assert editor.rows() == []
    editor.save(uri)
    assert files(folder) == expected


async def test_a_wrong_reason_changes_nothing_and_says_why(editor: Editor) -> None:
    project(editor.folder, SMALL)
    await editor.enter()
    uri = editor.open("job.py")
    for data, said in (({"reason": "a # b"}, "one line without #"), ({"fact": "volume=many"}, "is no fact")):
        editor.lsp.messages.clear()
        action = await editor.action(uri, CALL, "Suppress SRF101", **data)
        assert action.edit is None
        assert said in editor.lsp.messages[0].message


async def test_a_volume_is_declared(editor: Editor) -> None:
    folder = project(editor.folder, SMALL)
    await editor.enter()
    uri = editor.open("job.py")
    editor.apply(await editor.action(uri, CALL, "Declare the volume", fact="volume=200/day"))
    assert "print(ask(review))  # surfacelint: volume=200/day\n" in editor.texts[uri]
    await editor.settled()
    assert editor.rows() == []
    editor.save(uri)
    assert checked(folder) == []


@pytest.mark.parametrize("settings", ["", "[tool.surfacelint]\nmin-items = 3\n", "[tool.surfacelint]\nbaseline = 'folder/known.json'\n"])
async def test_a_finding_is_added_to_the_baseline(editor: Editor, settings: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = project(editor.folder, {**SMALL, "other.py": JOB}, settings)
    made = done(folder, tmp_path_factory.mktemp("cli") / "copy", "baseline", "create", "job.py")
    if "baseline" in settings:
        (folder / "folder/known.json").write_text('{"version": 1, "findings": []}\n', encoding="utf-8")
    await editor.enter()
    uri = editor.open("job.py")
    assert len(editor.rows()) == 2
    editor.apply(await editor.action(uri, CALL, "to the baseline"))
    name = "folder/known.json" if "baseline" in settings else "surfacelint-baseline.json"
    assert json.loads(files(folder)[name]) == json.loads(made[name])
    editor.changed_on_disk(name, "pyproject.toml")
    await editor.settled()
    assert [row[0] for row in editor.rows()] == ["other.py"]
    assert editor.rows() == checked(folder)


async def test_no_edit_leaves_the_workspace(editor: Editor) -> None:
    repository = project(editor.folder, {"llm.py": LLM, "folder/inner.py": JOB, "job.py": JOB})
    (repository / ".git").mkdir()
    await editor.enter(repository / "folder")
    uri = editor.open("inner.py")
    editor.lsp.messages.clear()
    action = await editor.action(uri, CALL, "needs review")
    assert action.edit is None
    assert "is outside of the workspace" in editor.lsp.messages[0].message
    # A file outside of all folders may be edited itself, because the user has opened it.
    outside = editor.open("../job.py")
    assert (await editor.action(outside, CALL, "needs review")).edit is None
    editor.apply(await editor.action(outside, CALL, "Suppress SRF101", reason="rare"))
    assert "# surfacelint: ignore[SRF101] -- rare\n" in editor.texts[outside]
