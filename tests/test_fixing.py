"""How fixes are applied: together or not at all, checked, undone where they break something, and written in one step.

The fixes are made up by the tests and stand in for those of the codemods. Everything else is real.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from surfacelint.cli.editing import Editing, Wishes
from surfacelint.config import Config
from surfacelint.facts.expressions import Position, Span
from surfacelint.fixing import fix_rounds
from surfacelint.fixing.fix_rounds import FixRounds
from surfacelint.fixing.fix_selection import compatible, is_applicable
from surfacelint.fixing.notebook_edits import apply_cell_edits
from surfacelint.fixing.text_edits import UneditableError, apply_edits
from surfacelint.fixing.working_copy import WorkingCopy
from surfacelint.model.findings import Applicability, Edit, Finding, Fix, NewFile, Report
from surfacelint.pipeline import engine
from surfacelint.system import file_writing
from surfacelint.system.file_writing import Writing, WritingError, write_together

CLIENT = "from openai import OpenAI\n\nclient = OpenAI()\n"
LLM = f"{CLIENT}\n\ndef ask(text):\n    return client.responses.create(model='gpt-5-mini', input=text).output_text\n"
JOB = """\
from llm import ask


def {name}(reviews):
    for review in reviews:
        print(ask(review))
"""
HELPER = "def run_batch(items):\n    return items\n"

Offer = Callable[[Finding], Fix | None]


def edit(path: str, row: int, start: int, end: int, text: str, cell: int | None = None) -> Edit:
    return Edit(path, Span(Position(row, start), Position(row, end)), text, cell)


def fix(*edits: Edit, files: tuple[NewFile, ...] = (), grade: Applicability = Applicability.UNSAFE, message: str = "fix it") -> Fix:
    return Fix(message, edits, grade, files)


def to_batch(finding: Finding) -> Fix:
    """Return a fix that takes the request out of the loop of `JOB`."""
    path = finding.location.path
    row = finding.location.span.start.line
    edits = (edit(path, 1, 0, 0, "from helper import run_batch\n"), edit(path, row, 0, 99, "        print(run_batch(review))"))
    return fix(*edits, files=(NewFile("helper.py", HELPER),))


class Desk:
    """A project in the working directory with an engine that offers made-up fixes."""

    def __init__(self, root: Path, offer: Offer) -> None:
        self.root = root
        self.offer = offer
        self.runs = 0
        self.config = Config(root=root, cache=False)

    def analyse(self, paths: Sequence[str], given: Mapping[Path, str], fixes: bool = True) -> Report:
        self.runs += 1
        report = engine.run(paths, self.config, given=given, fixes=fixes)
        if not fixes:
            return report
        findings = tuple(each if each.rule.code == "SRF900" else replace(each, fix=self.offer(each)) for each in report.findings)
        return replace(report, findings=findings)

    def fix(self, *paths: str, unsafe: bool = True) -> tuple[Report, tuple[str, ...]]:
        """Fix and write. Return the report on what remains, and the problems."""
        report = self.analyse(paths or ["."], {})
        editing = Editing(paths or ["."], self.config, self.analyse)
        editing.apply(report, Wishes(fixes=True, unsafe=unsafe, comments=False, reason=""))
        editing.write()
        return editing.remaining(report), editing.problems

    def texts(self) -> dict[str, str]:
        return {path.name: path.read_text(encoding="utf-8") for path in sorted(self.root.iterdir())}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "surfacelint.toml").touch()
    (tmp_path / "llm.py").write_text(LLM, encoding="utf-8")
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.py").write_text(JOB.format(name=name), encoding="utf-8")
    return Desk(tmp_path, to_batch)


def fixed(name: str) -> str:
    return "from helper import run_batch\n" + JOB.format(name=name).replace("ask(review)", "run_batch(review)")


class TestRounds:
    def test_files_are_edited_and_added(self, desk: Desk) -> None:
        report, problems = desk.fix()
        assert (report.findings, problems) == ((), ())
        assert desk.texts() == {
            **{f"{name}.py": fixed(name) for name in "abc"},
            "helper.py": HELPER,
            "llm.py": LLM,
            "surfacelint.toml": "",
        }

    def test_unsafe_fixes_are_applied_on_demand_only(self, desk: Desk) -> None:
        before = desk.texts()
        report, _ = desk.fix(unsafe=False)
        assert len(report.findings) == 3
        assert (desk.texts(), desk.runs) == (before, 1)

    def test_an_equal_file_counts_as_written(self, desk: Desk) -> None:
        (desk.root / "helper.py").write_bytes(HELPER.replace("\n", "\r\n").encode())
        report, problems = desk.fix()
        assert (report.findings, problems) == ((), ())
        assert (desk.root / "helper.py").read_bytes() == HELPER.replace("\n", "\r\n").encode()

    @pytest.mark.parametrize(
        ("broken", "reason"),
        [
            ("        print(", "the result cannot be checked: b.py:"),
            ("        print(ask(review), ask(review + '!'))", "the finding remained, at b.py:"),
            ("        print(client.responses.create(model='gpt-5', input=review))", "the result has a new finding, SRF101 at b.py:"),
        ],
        ids=["it does not compile", "it is not fixed", "it has a new finding"],
    )
    def test_a_fix_that_breaks_its_promise_is_undone_and_others_stay(self, desk: Desk, broken: str, reason: str) -> None:
        def offer(finding: Finding) -> Fix:
            good = to_batch(finding)
            if finding.location.path != "b.py":
                return good
            head = replace(good.edits[0], text="from llm import ask, client\n")
            return replace(good, edits=(head, replace(good.edits[1], text=broken)))

        desk.offer = offer
        before = (desk.root / "b.py").read_bytes()
        report, problems = desk.fix()
        assert problems == ()
        assert (desk.root / "b.py").read_bytes() == before
        assert [desk.texts()[f"{name}.py"] for name in "ac"] == [fixed("a"), fixed("c")]
        assert [(each.location.path, each.fix) for each in report.findings] == [("b.py", None)]
        assert report.findings[0].refusal.startswith(f"it was applied and undone, because {reason}")

    def test_a_fix_that_its_file_cannot_hold_is_refused_and_others_are_applied(self, desk: Desk) -> None:
        text = "# coding: ascii\n" + JOB.format(name="b")
        (desk.root / "b.py").write_text(text, encoding="utf-8")
        desk.offer = lambda each: replace(to_batch(each), edits=(*to_batch(each).edits, edit(each.location.path, 2, 0, 0, "# \u00e9\n")))
        report, problems = desk.fix()
        assert problems == ()
        assert desk.texts()["b.py"] == text
        assert desk.texts()["a.py"] == fixed("a").replace("\n\n", "\n# \u00e9\n\n", 1)
        assert [each.location.path for each in report.findings] == ["b.py"]
        assert report.findings[0].refusal.startswith("the fix cannot be applied: b.py: not edited: 'ascii' codec")

    def test_a_new_finding_elsewhere_undoes_a_fix(self, desk: Desk) -> None:
        """A fix of one module that makes another module worse, which nobody asked about."""
        (desk.root / "other.py").write_text("from llm import show\n\n\ndef run(xs):\n    for x in xs:\n        show(x)\n", encoding="utf-8")
        llm = f"{LLM}\n\ndef show(text):\n    print(text)\n"
        (desk.root / "llm.py").write_text(llm, encoding="utf-8")
        row = llm.count("\n")

        def offer(finding: Finding) -> Fix:
            return replace(to_batch(finding), edits=(*to_batch(finding).edits, edit("llm.py", row, 0, 99, "    print(ask(text))")))

        desk.offer = offer
        report, _ = desk.fix(".")
        assert {each.location.path for each in report.findings} == {"a.py", "b.py", "c.py"}
        assert desk.texts()["llm.py"] == llm
        assert "SRF101 at other.py:6:9" in report.findings[0].refusal
        assert "helper.py" not in desk.texts()

    def test_findings_of_edited_files_that_nobody_asked_about_do_not_count_as_new(self, desk: Desk) -> None:
        loop = f"{LLM}\n\ndef everything(xs):\n    for x in xs:\n        ask(x)\n"
        (desk.root / "llm.py").write_text(loop, encoding="utf-8")
        desk.offer = lambda finding: replace(to_batch(finding), edits=(*to_batch(finding).edits, edit("llm.py", 4, 0, 0, "LIMIT = 3\n")))
        report, _ = desk.fix("a.py")
        assert report.findings == ()
        assert desk.texts()["a.py"] == fixed("a")
        assert desk.texts()["b.py"] == JOB.format(name="b")
        assert "LIMIT = 3\n" in desk.texts()["llm.py"]
        assert "run_batch" not in desk.texts()["llm.py"]

    def test_fixes_in_each_others_way_take_turns(self, desk: Desk) -> None:
        """Each job adds a line of its own at the same place of the same file."""

        def offer(finding: Finding) -> Fix:
            name = finding.location.path.removesuffix(".py")
            return replace(to_batch(finding), edits=(*to_batch(finding).edits, edit("llm.py", 2, 0, 0, f"{name.upper()} = 1\n")))

        desk.offer = offer
        report, _ = desk.fix()
        assert report.findings == ()
        assert desk.texts()["llm.py"] == LLM.replace("OpenAI\n", "OpenAI\nC = 1\nB = 1\nA = 1\n", 1)

    def test_too_many_rounds_are_reported(self, desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setattr(fix_rounds, "MOST_ROUNDS", 2)
        desk.offer = lambda each: replace(
            to_batch(each), edits=(*to_batch(each).edits, edit("llm.py", 2, 0, 0, f"# {each.location.path}\n"))
        )
        report, _ = desk.fix()
        assert [each.location.path for each in report.findings] == ["c.py"]
        assert "warning: some fixes were not applied" in capsys.readouterr().err

    def test_an_unused_suppression_that_a_fix_leaves_is_removed_next(self, desk: Desk) -> None:
        text = JOB.format(name="a").replace("print(ask(review))", "print(ask(review))\n        print(ask(review))  # noqa: SRF101")
        (desk.root / "a.py").write_text(text, encoding="utf-8")

        def offer(finding: Finding) -> Fix:
            good = to_batch(finding)
            span = Span(Position(6, 0), Position(7, len("        print(ask(review))")))
            return replace(good, edits=(good.edits[0], Edit("a.py", span, "        print(run_batch(review))\n        print(1)")))

        desk.offer = offer
        report, _ = desk.fix("a.py")
        assert report.findings == ()
        assert desk.texts()["a.py"] == fixed("a") + "        print(1)\n"

    def test_a_diff_shows_all_rounds_and_new_files(self, desk: Desk) -> None:
        desk.offer = lambda each: replace(
            to_batch(each), edits=(*to_batch(each).edits, edit("llm.py", 2, 0, 0, f"# {each.location.path}\n"))
        )
        before = desk.texts()
        editing = Editing(["."], desk.config, desk.analyse)
        editing.apply(desk.analyse(["."], {}), Wishes(fixes=True, unsafe=True, comments=False, reason=""))
        shown = editing.diff().decode()
        assert desk.texts() == before
        assert "\n--- /dev/null\n+++ helper.py\n@@ -0,0 +1,2 @@\n" in shown
        assert editing.fixable == 3
        desk.fix()
        written = desk.texts()
        (desk.root / "helper.py").unlink()
        for name, text in before.items():
            (desk.root / name).write_text(text, encoding="utf-8")
        subprocess.run(["git", "apply", "-p0"], input=shown, cwd=desk.root, check=True, encoding="utf-8")
        assert desk.texts() == written

    def test_nothing_is_analysed_twice_without_fixes(self, desk: Desk) -> None:
        desk.offer = lambda _: None
        desk.fix()
        assert desk.runs == 1


class TestNewFiles:
    @pytest.mark.parametrize(
        ("path", "problem"),
        [
            ("missing/helper.py", "there is no folder missing; create it"),
            ("../helper.py", "it is outside the project"),
            ("taken.py", "another file is there; move it, or choose another name with `batch-module`"),
            ("folder", "something else is there; move it"),
        ],
    )
    def test_a_file_that_must_not_be_added_stops_its_fix(self, desk: Desk, path: str, problem: str) -> None:
        (desk.root / "taken.py").write_text("x = 1\n", encoding="utf-8")
        (desk.root / "folder").mkdir()
        desk.offer = lambda finding: replace(to_batch(finding), files=(NewFile(path, HELPER),))
        report, problems = desk.fix("a.py", "b.py")
        assert problems == (f"{path}: not written, because {problem}",)
        assert len(report.findings) == 2
        assert (desk.root / "a.py").read_text(encoding="utf-8") == JOB.format(name="a")
        assert not (desk.root.parent / "helper.py").exists()

    @pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
    @pytest.mark.parametrize("kind", ["a dangling link", "a link to a file", "a folder behind a link"])
    def test_nothing_is_written_through_links(self, desk: Desk, tmp_path_factory: pytest.TempPathFactory, kind: str) -> None:
        other = tmp_path_factory.mktemp("other")
        path = "pkg/helper.py" if kind == "a folder behind a link" else "helper.py"
        if kind == "a link to a file":
            (other / "helper.py").write_text(HELPER, encoding="utf-8")
        (desk.root / "pkg" if "folder" in kind else desk.root / "helper.py").symlink_to(other if "folder" in kind else other / "helper.py")
        before = sorted(other.iterdir())
        desk.offer = lambda finding: replace(to_batch(finding), files=(NewFile(path, HELPER),))
        report, problems = desk.fix("a.py")
        assert [problem.partition(",")[0] for problem in problems] == [f"{path}: not written"]
        assert len(report.findings) == 1
        assert sorted(other.iterdir()) == before


class TestWriting:
    def test_files_change_together_or_not_at_all(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        one, two, new = tmp_path / "one", tmp_path / "two", tmp_path / "new"
        one.write_bytes(b"1")
        one.chmod(0o640)
        two.write_bytes(b"2")
        put = file_writing._put

        def failing(draft: Path, target: Path, expected: bytes | None) -> None:
            if target == two:
                raise OSError(28, "No space left on device")
            put(draft, target, expected)

        monkeypatch.setattr(file_writing, "_put", failing)
        with pytest.raises(WritingError, match="No space left") as caught:
            write_together([Writing(new, b"n", None), Writing(one, b"1!", b"1"), Writing(two, b"2!", b"2")])
        assert caught.value.place == two
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"one": b"1", "two": b"2"}
        assert os.name == "nt" or stat.S_IMODE(one.stat().st_mode) == 0o640

    def test_a_new_file_replaces_nothing(self, tmp_path: Path) -> None:
        one, new = tmp_path / "one", tmp_path / "new"
        one.write_bytes(b"1")
        new.write_bytes(b"theirs")
        with pytest.raises(WritingError) as caught:
            write_together([Writing(one, b"1!", b"1"), Writing(new, b"ours", None)])
        assert caught.value.place == new
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"one": b"1", "new": b"theirs"}

    def test_a_file_system_without_hard_links(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise OSError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", fail)
        write_together([Writing(tmp_path / "new", b"n", None)])
        with pytest.raises(WritingError):
            write_together([Writing(tmp_path / "new", b"m", None)])
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"new": b"n"}

    def test_files_of_one_fix_fail_together_and_others_are_written(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        def offer(finding: Finding) -> Fix:
            return to_batch(finding) if finding.location.path == "a.py" else replace(to_batch(finding), files=())

        def changing(writings: Sequence[Writing]) -> None:
            if any(each.place.name == "a.py" for each in writings):
                (desk.root / "a.py").write_text("# changed meanwhile\n", encoding="utf-8")
            write_together(writings)

        (desk.root / "helper.py").write_text("", encoding="utf-8")
        desk.offer = lambda finding: replace(
            offer(finding), files=(NewFile("new.py", "x = 1\n"),) if finding.location.path == "a.py" else ()
        )
        monkeypatch.setattr("surfacelint.fixing.working_copy.write_together", changing)
        report, problems = desk.fix()
        assert len(problems) == 1
        assert problems[0].startswith("a.py: cannot be written: another program has changed it")
        assert problems[0].endswith("; it and 1 file of the same fix are unchanged")
        assert desk.texts()["b.py"] == fixed("b")
        assert desk.texts()["a.py"] == "# changed meanwhile\n"
        assert "new.py" not in desk.texts()
        assert report.findings == ()


class TestSelection:
    def chosen(self, *fixes: Fix) -> tuple[Fix, ...]:
        return compatible(fixes, Path)

    def test_overlapping_fixes_wait(self) -> None:
        one, two, three = fix(edit("a.py", 1, 0, 4, "")), fix(edit("a.py", 1, 2, 6, "")), fix(edit("a.py", 1, 4, 5, ""))
        assert self.chosen(two, one, three) == (one, three)

    def test_grades(self) -> None:
        safe, unsafe, display = (fix(edit("a.py", 1, 0, 0, "x"), grade=grade) for grade in Applicability)
        assert [is_applicable(each, unsafe=False) for each in (safe, unsafe, display, None, fix())] == [True, False, False, False, False]
        assert [is_applicable(each, unsafe=True) for each in (safe, unsafe, display, None, fix())] == [True, True, False, False, False]

    def test_equal_edits_are_shared(self) -> None:
        line = edit("a.py", 1, 0, 0, "import x\n")
        one, two = fix(line, edit("a.py", 5, 0, 9, "f()")), fix(line, edit("a.py", 9, 0, 9, "g()"))
        assert self.chosen(one, two) == (one, two)
        assert apply_edits(b"\n" * 8 + b"old", (*one.edits, *two.edits)).count(b"import x\n") == 1

    def test_insertions_at_one_place_wait(self) -> None:
        one, two = fix(edit("a.py", 1, 0, 0, "import x\n")), fix(edit("a.py", 1, 0, 0, "import y\n"))
        assert self.chosen(one, two) == (one,)
        assert self.chosen(fix(*one.edits, *two.edits)) == (fix(*one.edits, *two.edits),)

    def test_cells_are_apart(self) -> None:
        one, two = fix(edit("a.ipynb", 1, 0, 4, "", cell=1)), fix(edit("a.ipynb", 1, 0, 4, "", cell=2))
        assert self.chosen(one, two) == (one, two)

    def test_different_files_at_one_path_wait(self) -> None:
        one, two = (fix(edit("a.py", row, 0, 0, "x"), files=(NewFile("h.py", text),)) for row, text in ((1, "1"), (2, "2")))
        same = fix(edit("a.py", 3, 0, 0, "x"), files=(NewFile("h.py", "1"),))
        assert self.chosen(one, two, same) == (one, same)

    def test_one_file_under_two_names(self) -> None:
        names = {"a.py": Path("real.py"), "b.py": Path("real.py")}
        one, two = fix(edit("a.py", 1, 0, 4, "x")), fix(edit("b.py", 1, 0, 4, "x"))
        other = fix(edit("b.py", 1, 2, 4, "y"))
        assert compatible((one, two, other), names.__getitem__) == (one, two)


class TestTextEdits:
    @pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
    def test_new_lines_end_as_those_around_them(self, ending: str) -> None:
        before = f"import a{ending}x = 1{ending}".encode()
        after = apply_edits(before, (edit("a.py", 2, 0, 0, "import b\n"), edit("a.py", 2, 4, 5, "(\n    2\n)")))
        assert after == f"import a{ending}import b{ending}x = ({ending}    2{ending}){ending}".encode()

    def test_lines_after_the_last_one(self) -> None:
        assert apply_edits(b"x = 1", (edit("a.py", 2, 0, 0, "y = 2\n"),)) == b"x = 1\ny = 2\n"
        assert apply_edits(b"a\r\nx = 1", (edit("a.py", 3, 0, 0, "y = 2\n"),)) == b"a\r\nx = 1\r\ny = 2\r\n"
        assert apply_edits(b"x = 1\n", (edit("a.py", 2, 0, 0, "y = 2\n"),)) == b"x = 1\ny = 2\n"
        assert apply_edits(b"", (edit("a.py", 1, 0, 0, "y = 2\n"),)) == b"y = 2\n"

    def test_insertions_keep_their_order(self) -> None:
        edits = (edit("a.py", 1, 0, 1, "y"), edit("a.py", 1, 0, 0, "import b\n"), edit("a.py", 1, 0, 0, "import a\n"))
        assert apply_edits(b"x = 1\n", edits) == b"import b\nimport a\ny = 1\n"

    @pytest.mark.parametrize(
        ("data", "edits", "problem"),
        [
            (b"# coding: ascii\n", (edit("a.py", 1, 0, 0, "\u00e9"),), "'ascii' codec"),
            (b"x = 1\n", (edit("a.py", 1, 0, 3, "y"), edit("a.py", 1, 2, 5, "z")), "its edits overlap"),
            (b"x = 1\n", (edit("a.py", 1, 0, 3, "y", cell=1),), "it is not a notebook"),
            (b"\xff\n", (edit("a.py", 1, 0, 0, "y"),), "invalid or missing encoding declaration"),
        ],
    )
    def test_what_would_change_other_bytes_is_refused(self, data: bytes, edits: tuple[Edit, ...], problem: str) -> None:
        with pytest.raises(UneditableError, match=problem):
            apply_edits(data, edits)


NOTEBOOK = """\
{
 "metadata": {"b": 1, "a": [1,  2]},
 "cells": [
  {"cell_type": "markdown", "source": ["# caf\\u00e9 caf\u00e9"]},
  {
   "source": [
    "import a\\n",
    "s = '\\u00e9\\/\\ud83d\\ude00\u00e9'\\n",
    "x = 1"
   ],
   "cell_type": "code", "outputs": [{"text": "import a\\nx = 1"}], "execution_count": 7
  },
  {"cell_type": "code", "source": "%%time\\ny = 1\\nz = '\\u00e9'", "metadata": {}}
 ], "nbformat": 4
}

"""


class TestNotebooks:
    def changed(self, *edits: Edit, notebook: str = NOTEBOOK) -> str:
        return apply_cell_edits(notebook.encode(), edits).decode()

    def test_only_the_edited_lines_change(self) -> None:
        line = '    "x = 1"\n'
        assert self.changed(edit("n.ipynb", 3, 4, 5, "'\u00fc\"'", cell=2)) == NOTEBOOK.replace(line, line.replace("1", "'\u00fc\\\"'"))

    def test_new_lines_become_strings_of_their_own(self) -> None:
        assert self.changed(edit("n.ipynb", 2, 0, 0, "import b\nimport c\n", cell=2)) == NOTEBOOK.replace(
            '    "import a\\n",\n', '    "import a\\n",\n    "import b\\n",\n    "import c\\n",\n'
        )
        assert self.changed(edit("n.ipynb", 4, 0, 0, "y = 2", cell=2)) == NOTEBOOK.replace(
            '    "x = 1"\n', '    "x = 1\\n",\n    "y = 2"\n'
        )

    def test_lines_are_removed(self) -> None:
        gone = Edit("n.ipynb", Span(Position(1, 0), Position(2, 0)), "", 2)
        assert self.changed(gone) == NOTEBOOK.replace('    "import a\\n",\n', "", 1)

    def test_characters_after_escapes_are_found(self) -> None:
        """A pair of surrogates is one character, as in the text that was checked."""
        column = len("s = '\u00e9/\U0001f600")
        assert self.changed(edit("n.ipynb", 2, column, column + 1, "", cell=2)) == NOTEBOOK.replace("\\ude00\u00e9", "\\ude00")

    def test_a_source_of_one_string(self) -> None:
        changed = self.changed(edit("n.ipynb", 3, 0, 0, "w = 0\n", cell=3), edit("n.ipynb", 2, 4, 5, "2", cell=3))
        assert changed == NOTEBOOK.replace("y = 1\\nz", "y = 2\\nw = 0\\nz")

    def test_cells_are_edited_together(self) -> None:
        changed = self.changed(edit("n.ipynb", 2, 4, 5, "2", cell=3), edit("n.ipynb", 3, 4, 5, "2", cell=2))
        assert changed == NOTEBOOK.replace("y = 1", "y = 2").replace('"x = 1"', '"x = 2"')

    @pytest.mark.parametrize("number", [1, 2, 3])
    def test_the_code_is_that_of_the_same_edits_in_a_file(self, number: int) -> None:
        """Whatever is edited where, the cell has the code that a file would have."""
        code = "import a\ns = '\u00e9/\U0001f600\u00e9'\nx = 1"
        lines = code.split("\n")
        for start in range(len(lines[number - 1]) + 1):
            for text in ("", "y", "\n", "a\nb", "\n\n"):
                for end in (Position(number, start), Position(number, start + 1), Position(number + 1, 0), Position(3, 2)):
                    if end < Position(number, start):
                        continue
                    given = Edit("n.ipynb", Span(Position(number, start), end), text, 2)
                    cells = json.loads(self.changed(given))["cells"]
                    expected = apply_edits(code.encode(), (replace(given, cell=None),)).decode()
                    assert "".join(cells[1]["source"]) == expected
                    assert all(line.endswith("\n") for line in cells[1]["source"][:-1])
                    assert cells[1]["outputs"] == [{"text": "import a\nx = 1"}]

    @pytest.mark.parametrize("source", ["[ ]", '""', '["x", "y\\n"]', '[""]'])
    def test_odd_sources(self, source: str) -> None:
        notebook = f'{{"cells": [{{"cell_type": "code", "source": {source}}}]}}'
        before = "".join(json.loads(notebook)["cells"][0]["source"])
        changed = json.loads(self.changed(edit("n.ipynb", 1, 0, 0, "import a\n", cell=1), notebook=notebook))
        assert "".join(changed["cells"][0]["source"]) == f"import a\n{before}"

    def test_worksheets(self) -> None:
        notebook = '{"worksheets": [{"cells": []}, {"cells": [{"cell_type": "code", "input": ["x = 1"]}]}]}'
        assert self.changed(edit("n.ipynb", 1, 4, 5, "2", cell=1), notebook=notebook) == notebook.replace("x = 1", "x = 2")

    @pytest.mark.parametrize(
        ("notebook", "given", "problem"),
        [
            (NOTEBOOK, edit("n.ipynb", 1, 0, 0, "import b\n", cell=3), "line 1 of cell 3 belongs to a magic"),
            (
                NOTEBOOK.replace("%%time", "\\n\\n%%time"),
                edit("n.ipynb", 1, 0, 0, "import b\n", cell=3),
                "line 1 of cell 3 belongs to a magic",
            ),
            (NOTEBOOK.replace("import a", "!pip install a"), edit("n.ipynb", 1, 1, 2, "", cell=2), "line 1 of cell 2 belongs to a magic"),
            (NOTEBOOK, edit("n.ipynb", 1, 0, 0, "import b\n", cell=9), "its cells cannot be found"),
            (NOTEBOOK, edit("n.ipynb", 1, 0, 0, "import b\n"), "an edit names no cell"),
            (
                NOTEBOOK.replace('"%%time', 'null, "old": "'),
                edit("n.ipynb", 1, 0, 0, "import b\n", cell=3),
                "the source of a cell is not text",
            ),
            ("[]", edit("n.ipynb", 1, 0, 0, "import b\n", cell=1), "its cells cannot be found"),
        ],
    )
    def test_what_is_not_python_is_left(self, notebook: str, given: Edit, problem: str) -> None:
        with pytest.raises(UneditableError, match=problem):
            self.changed(given, notebook=notebook)

    def test_a_byte_order_mark_stays(self) -> None:
        data = b"\xef\xbb\xbf" + NOTEBOOK.encode()
        assert apply_cell_edits(data, [edit("n.ipynb", 3, 4, 5, "2", cell=2)]) == data.replace(b'"x = 1"\n', b'"x = 2"\n')

    def test_a_notebook_is_fixed_and_checked(self, desk: Desk) -> None:
        code = JOB.format(name="run").splitlines(keepends=True)
        notebook = {"cells": [{"cell_type": "code", "source": ["import llm\n"]}, {"cell_type": "code", "source": code}], "nbformat": 4}
        path = desk.root / "job.ipynb"
        path.write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")

        def offer(finding: Finding) -> Fix:
            edits = (
                edit("job.ipynb", 1, 0, 0, "from helper import run_batch\n", cell=2),
                edit("job.ipynb", finding.location.span.start.line, 0, 99, "        print(run_batch(review))", cell=2),
            )
            return fix(*edits, files=(NewFile("helper.py", HELPER),))

        desk.offer = offer
        report, problems = desk.fix("job.ipynb")
        assert (report.findings, problems) == ((), ())
        notebook["cells"][1]["source"] = fixed("run").splitlines(keepends=True)  # type: ignore[index]
        assert path.read_text(encoding="utf-8") == json.dumps(notebook, indent=1) + "\n"


def test_the_texts_of_a_working_copy_are_those_of_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_bytes("# coding: latin-1\r\nx = '\u00e9'\r\n".encode("latin-1"))
    copy = WorkingCopy(tmp_path)
    change = fix(edit("a.py", 2, 0, 1, "y"))
    assert copy.admits(change, {"a.py": "# coding: latin-1\nx = '\u00e9'\n"})
    contents = copy.edited([change])
    assert copy.texts(contents) == {tmp_path / "a.py": "# coding: latin-1\ny = '\u00e9'\n"}
    assert list(copy.changes()) == []


def test_rounds_change_nothing_but_the_copy(desk: Desk) -> None:
    before = desk.texts()
    copy = WorkingCopy(desk.root)
    report = desk.analyse(["."], {})

    def asked() -> frozenset[Path]:
        return frozenset(engine.files(["."], desk.config)[0])

    def analyse(also: Sequence[Path], texts: Mapping[Path, str], *, fixes: bool) -> Report:
        return desk.analyse([".", *map(str, also)], texts, fixes)

    result = FixRounds(copy, analyse, asked, unsafe=True).apply(report)
    assert (len(result.findings), result.is_stable) == (3, True)
    assert desk.texts() == before
    assert [change.path for change in copy.changes()] == ["a.py", "b.py", "c.py", "helper.py"]


def test_a_codemod_that_fails_hides_no_finding(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> Fix:
        raise RecursionError

    monkeypatch.delenv("SURFACELINT_DEBUG", raising=False)
    monkeypatch.setattr("surfacelint.codemods.remedies.fix_of", failing)
    report = engine.run(["."], desk.config)
    reason = "surfacelint failed to build it (RecursionError); please report this code"
    assert [(each.location.path, each.fix, each.refusal) for each in report.findings] == [(f"{name}.py", None, reason) for name in "abc"]
    monkeypatch.setenv("SURFACELINT_DEBUG", "1")
    with pytest.raises(RecursionError):
        engine.run(["."], desk.config)
