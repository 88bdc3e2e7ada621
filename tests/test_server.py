"""The language server, as a real client sees it: the same findings as `check`, whatever is open, edited, closed, moved or wrong."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import programs
import pytest
from editor import Editor, checked, children, process, served
from lsprotocol import types
from pygls.exceptions import JsonRpcRequestCancelled
from random_edits import RandomEdits
from server_projects import CELLS, FILES, JOB, LLM, MISTAKEN, UNUSED, notebook, project

from surfacelint.model.findings import Report
from surfacelint.server import analysis_process
from surfacelint.server.analysis_process import AnalysisProcess
from surfacelint.server.questions import Check, Scope
from surfacelint.system.version import rule_page

pytest_plugins = ("server_fixtures",)
pytestmark = pytest.mark.asyncio(loop_scope="module")

SEVERE = "[tool.surfacelint]\nseverity = {SRF101 = 'error'}\n"


async def test_findings_are_those_of_check_saved_and_unsaved(editor: Editor) -> None:
    folder = project(editor.folder)
    await editor.enter()
    expected = checked(folder)
    assert len(expected) == 7
    assert editor.rows() == expected
    # Open, the same texts; with the byte order mark, as some editors have it, or without.
    uris = {name: editor.open(name) for name in FILES}
    await editor.settled()
    assert editor.rows() == expected
    # Unsaved, and then saved: what the server says of one is what `check` says of the other.
    for name, uri in uris.items():
        if name not in ("llm.py", "broken.py"):
            editor.edit(uri, (types.Range(types.Position(1, 0), types.Position(1, 0)), f"y = '{name}'\n"))
    editor.edit(uris["broken.py"], (None, JOB))
    await editor.settled()
    rows = editor.rows()
    for uri in uris.values():
        editor.save(uri)
    assert rows == checked(folder)
    assert rows != expected
    await editor.settled()
    assert editor.rows() == rows


async def test_diagnostics_have_all_that_a_finding_has(editor: Editor) -> None:
    project(editor.folder, {"llm.py": LLM, "job.py": JOB, "unused.py": UNUSED, "mistaken.py": MISTAKEN}, SEVERE)
    await editor.enter()
    (found,) = editor.diagnostics(editor.uri("job.py"))
    assert (found.severity, found.source, found.code) == (types.DiagnosticSeverity.Error, "surfacelint", "SRF101")
    assert found.code_description is not None
    assert found.code_description.href == rule_page("realtime-call-in-loop")
    assert found.data == {"workload": "main:ask:openai.OpenAI().responses.create", "function": "main", "call": "ask"}
    steps = [(Path(each.location.uri).name, each.location.range.start.line, each.message) for each in found.related_information or ()]
    assert steps == [
        ("job.py", 4, "the loop over `reviews` repeats the call"),
        ("job.py", 5, "calls `ask`"),
        ("llm.py", 6, "`client.responses.create` sends the request"),
    ]
    (unused,) = editor.diagnostics(editor.uri("unused.py"))
    assert unused.tags == (types.DiagnosticTag.Unnecessary,)
    (mistaken,) = editor.diagnostics(editor.uri("mistaken.py"))
    assert (mistaken.code, mistaken.range.start.line) == (None, 0)
    assert "did you mean 'volume'?" in mistaken.message


# What is open, and where.


async def test_documents_without_a_file_and_files_that_come_and_go(editor: Editor) -> None:
    folder = project(editor.folder, {"llm.py": LLM, "job.py": JOB})
    await editor.enter()
    new = editor.open("new.py", JOB)
    untitled = editor.open("", JOB, uri="untitled:Untitled-1")
    await editor.settled()
    assert [row[0] for row in editor.rows()] == ["job.py", "new.py"]
    assert [each.code for each in editor.diagnostics(untitled)] == ["SRF101"]
    # The request is gone from the unsaved text of another file, and back when it is closed unsaved.
    llm = editor.open("llm.py", "def ask(text):\n    return text\n")
    await editor.settled()
    assert editor.rows() == []
    assert not editor.diagnostics(untitled)
    editor.close(llm)
    editor.close(new)
    await editor.settled()
    assert [row[0] for row in editor.rows()] == ["job.py"]
    (folder / "job.py").rename(folder / "moved.py")
    editor.changed_on_disk("job.py", "moved.py")
    await editor.settled()
    assert [row[0] for row in editor.rows()] == ["moved.py"]
    assert not editor.diagnostics(editor.uri("job.py"))


async def test_excluded_files_are_not_shown_even_if_they_are_open(editor: Editor) -> None:
    project(editor.folder, {"llm.py": LLM, "job.py": JOB, "folder/inner.py": JOB}, "[tool.surfacelint]\nexclude = ['folder']\n")
    await editor.enter()
    editor.open("folder/inner.py")
    editor.open("folder/new.py", JOB)
    await editor.settled()
    assert [row[0] for row in editor.rows()] == ["job.py"]


async def test_scripts_without_a_suffix_are_checked_while_they_are_open(editor: Editor) -> None:
    project(editor.folder, {"llm.py": LLM, "nightly": JOB})
    await editor.enter()
    assert editor.rows() == []
    editor.open("nightly")
    await editor.settled()
    assert editor.rows() == checked(editor.folder, "nightly")
    assert editor.rows()


async def test_each_file_belongs_to_the_project_that_it_has_alone(editor: Editor, tmp_path_factory: pytest.TempPathFactory) -> None:
    first, second, outside = (project(tmp_path_factory.mktemp(name)) for name in ("first", "second", "outside"))
    (second / "llm.py").write_text("def ask(text):\n    return text\n", encoding="utf-8")
    await editor.enter(first)
    other = Editor(editor.lsp, second)
    await other.enter()
    loose = Editor(editor.lsp, outside)
    loose.open("job.py")
    await loose.settled(loose.uri("job.py"))
    assert editor.rows() == checked(first)
    assert other.rows() == checked(second)
    assert loose.rows() == checked(outside, "job.py")
    assert {row[0] for row in loose.rows()} == {"job.py"}
    loose.close(loose.uri("job.py"))
    other.leave()
    await editor.settled()
    assert other.rows() == loose.rows() == []


async def test_a_folder_in_another_one_shows_what_it_has_alone(editor: Editor) -> None:
    folder = project(editor.folder, {"llm.py": LLM, "job.py": JOB, "folder/inner.py": JOB})
    (folder / "folder/surfacelint.toml").write_text("min-items = 3\n", encoding="utf-8")
    await editor.enter()
    inner = Editor(editor.lsp, folder / "folder")
    await inner.enter()
    assert inner.rows() == checked(folder / "folder") == []  # alone, it cannot see `llm.py`
    assert [row[0] for row in editor.rows()] == ["job.py"]
    inner.leave()
    await editor.settled()
    assert editor.rows() == checked(folder)


async def test_what_is_missing_is_shown_where_it_is_missing(editor: Editor) -> None:
    project(editor.folder, {"folder/job.py": "from .llm import ask\nfor line in open('lines'):\n    ask(line)\n"})
    await editor.enter()
    (missing,) = editor.diagnostics(editor.uri("folder/job.py"))
    assert (missing.code, missing.range.start.line) == (None, 0)
    assert ".llm" in missing.message


# Notebooks.


async def test_cells_have_the_findings_of_the_notebook(editor: Editor) -> None:
    folder = project(editor.folder, {"llm.py": LLM, "pages.ipynb": notebook(*CELLS)})
    await editor.enter()
    (closed,) = editor.diagnostics(editor.uri("pages.ipynb"))
    (row,) = checked(folder)
    assert closed.message == f"cell 3, line {row[1]}: {row[4]}"
    cells = editor.open_notebook("pages.ipynb", *CELLS)
    await editor.settled()
    assert not editor.diagnostics(editor.uri("pages.ipynb"))
    (found,) = editor.diagnostics(cells[2])
    assert (found.range.start, found.message) == (types.Position(2, 16), row[4])
    assert [each.location.uri for each in found.related_information or ()] == [cells[2], cells[2], editor.uri("llm.py")]
    # A fix of a cell is an edit of the cell.
    editor.apply(await editor.action(cells[2], found.range, "Suppress", reason="rare"))
    await editor.settled()
    assert editor.texts[cells[2]].endswith("print('🦉', ask(review))  # surfacelint: ignore[SRF101] -- rare\n")
    assert not editor.diagnostics(cells[2])


async def test_cells_come_go_and_change(editor: Editor) -> None:
    project(editor.folder, {"llm.py": LLM, "pages.ipynb": notebook(CELLS[0])})
    await editor.enter()
    (first,) = editor.open_notebook("pages.ipynb", CELLS[0])
    (added,) = editor.add_cells("pages.ipynb", 1, CELLS[2])
    await editor.settled()
    assert [each.code for each in editor.diagnostics(added)] == ["SRF101"]
    editor.edit_cell("pages.ipynb", first, types.Range(types.Position(0, 0), types.Position(0, 19)), "ask = len")
    await editor.settled()
    assert not editor.diagnostics(added)
    editor.edit_cell("pages.ipynb", first, types.Range(types.Position(0, 0), types.Position(0, 9)), "x = (")
    await editor.settled()
    assert [each.code for each in editor.diagnostics(first)] == ["SRF901"]
    editor.remove_cells("pages.ipynb", 0, 1)
    await editor.settled()
    assert not editor.diagnostics(first)


# Settings.


async def test_wrong_settings_are_shown_and_never_mean_clean(editor: Editor) -> None:
    folder = project(editor.folder, {"llm.py": LLM, "job.py": JOB})
    await editor.enter()
    rows = editor.rows()
    assert rows
    settings = folder / "pyproject.toml"
    right = settings.read_text(encoding="utf-8")
    settings.write_text(f"{right}[tool.surfacelint]\nmin-itms = 3\n", encoding="utf-8")
    editor.changed_on_disk("pyproject.toml")
    await editor.settled()
    (problem,) = editor.diagnostics(editor.uri("pyproject.toml"))
    assert problem.range.start.line == 3
    assert "did you mean 'min-items'?" in problem.message
    assert editor.lsp.messages[-1].message == f"surfacelint: pyproject.toml:4: {problem.message}"
    assert editor.rows() == rows
    settings.write_text(f"{right}[tool.surfacelint]\nignore = ['SRF1']\n", encoding="utf-8")
    editor.changed_on_disk("pyproject.toml")
    await editor.settled()
    assert not editor.diagnostics(editor.uri("pyproject.toml"))
    assert editor.rows() == checked(folder) == []


async def test_wrong_settings_from_the_start_are_shown(editor: Editor) -> None:
    project(editor.folder, {"llm.py": LLM, "job.py": JOB}, "[tool.surfacelint]\nselect = ['SRF9999']\n")
    await editor.enter()
    (problem,) = editor.diagnostics(editor.uri("pyproject.toml"))
    assert "unknown rule 'SRF9999'" in problem.message
    assert problem.severity is types.DiagnosticSeverity.Error
    assert not await editor.actions(editor.uri("job.py"), types.Range(types.Position(5, 16), types.Position(5, 16)))


async def test_settings_of_the_editor_override_those_of_files(editor: Editor) -> None:
    project(editor.folder, {"llm.py": LLM, "job.py": JOB, "unused.py": UNUSED})
    await editor.enter()
    editor.open("unused.py")
    editor.path("other.toml").write_text("ignore = ['SRF9']\n", encoding="utf-8")
    for values, expected in (
        ({"overrides": {"ignore": ["SRF9"]}}, ["job.py"]),
        ({"diagnosticMode": "openFilesOnly"}, ["unused.py"]),
        ({"configuration": "other.toml"}, ["job.py"]),
        ({}, ["job.py", "unused.py"]),
    ):
        await editor.configure(values)
        assert [row[0] for row in editor.rows()] == expected
    rows = editor.rows()
    for wrong, said in (
        ({"overides": {}}, "did you mean 'overrides'?"),
        ({"overrides": {"min-items": "3"}}, "'min-items' must be an integer"),
        ({"configuration": "none.toml"}, "none.toml"),
    ):
        editor.lsp.messages.clear()
        await editor.configure(wrong)
        assert said in editor.lsp.messages[0].message
        assert editor.rows() == rows
    await editor.configure({})


# The life of the server.


@pytest.mark.skipif(sys.platform != "linux", reason="finds the process in /proc")
async def test_a_killed_analysis_starts_again(editor: Editor) -> None:
    project(editor.folder, {"llm.py": LLM, "job.py": JOB})
    await editor.enter()
    rows = editor.rows()
    uri = editor.open("job.py")
    await editor.settled()
    (analysis,) = children(process(editor.lsp).pid)
    os.kill(analysis, signal.SIGKILL)
    editor.edit(uri, (None, f"x = 1\n{JOB}"))
    await editor.settled()
    assert editor.rows() == [(name, row + 1, column, code, message) for name, row, column, code, message in rows]


async def test_a_cancelled_request_is_not_answered(editor: Editor) -> None:
    project(editor.folder, {"llm.py": LLM, "job.py": JOB})
    await editor.enter()
    uri = editor.open("job.py")
    editor.edit(uri, (None, f"x = 1\n{JOB}"))
    params = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(5, 16))
    request = asyncio.wrap_future(editor.lsp.protocol.send_request(types.TEXT_DOCUMENT_HOVER, params, msg_id="to-cancel"))
    editor.lsp.cancel_request(types.CancelParams("to-cancel"))
    with pytest.raises(JsonRpcRequestCancelled):
        await request
    assert "SRF101" in await editor.hover(uri, types.Position(6, 16))


async def test_a_long_check_shows_its_progress_and_can_be_cancelled(editor: Editor) -> None:
    folder = project(editor.folder, {"llm.py": LLM, "job.py": JOB, "long.py": programs.dependent_loops(500)})
    shown: dict[types.ProgressToken, Any] = editor.lsp.progress_reports
    shown.clear()
    entering = asyncio.create_task(editor.enter())
    while not any(shown.values()):
        await asyncio.sleep(0.01)
    ((token, reports),) = shown.items()
    assert isinstance(reports[0], types.WorkDoneProgressBegin)
    assert (reports[0].title, reports[0].cancellable) == (f"surfacelint: checking {folder.name}", True)
    editor.lsp.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
    await entering
    assert isinstance(reports[-1], types.WorkDoneProgressEnd)
    assert editor.rows() == []
    # The next change begins another check.
    (folder / "long.py").unlink()
    editor.changed_on_disk("long.py")
    await editor.settled()
    assert editor.rows() == checked(folder) != []


async def test_an_analysis_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis_process, "GRACE", 0.01)
    project(tmp_path, {"llm.py": LLM, "job.py": JOB, "long.py": programs.dependent_loops(500)})
    analysis = AnalysisProcess()
    stages: list[str] = []
    stuck = asyncio.create_task(analysis.ask(Check(Scope(tmp_path), {}, fixes=False), stages.append))
    while "linking" not in stages:
        await asyncio.sleep(0.01)
    stuck.cancel()
    (tmp_path / "long.py").unlink()
    report = await analysis.ask(Check(Scope(tmp_path), {}, fixes=False))
    await analysis.stop()
    assert isinstance(report, Report)
    assert [each.location.path for each in report.findings] == ["job.py"]
    assert stuck.cancelled()


async def test_other_encodings_of_positions_and_a_killed_server(tmp_path: Path) -> None:
    folder = project(tmp_path)
    for encoding in (types.PositionEncodingKind.Utf8, types.PositionEncodingKind.Utf32):
        async with served(folder, encoding=encoding) as client:
            editor = Editor(client, folder, encoding)
            await editor.settled()
            assert editor.rows() == checked(folder)
            uri = editor.open("wide.py")
            editor.edit(uri, (types.Range(editor.position("wide.py", 5, 16), editor.position("wide.py", 5, 17)), "🦉🦉e"))
            await editor.settled()
            rows = editor.rows()
            editor.save(uri)
            assert rows == checked(folder)
            process(editor.lsp).kill()
            await process(editor.lsp).wait()


async def test_random_edits_have_the_findings_of_check(editor: Editor, tmp_path_factory: pytest.TempPathFactory) -> None:
    project(editor.folder)
    await editor.enter()
    changes = RandomEdits(editor, seed=2)
    for _ in range(3):
        for _ in range(15):
            changes.step()
        await editor.settled()
        assert editor.rows() == changes.expected(tmp_path_factory.mktemp("mirror") / "copy")
