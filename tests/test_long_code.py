"""Code that is longer than a walk over it may be deep: every run ends with its findings, and what goes wrong stays in its file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import doors
import programs
import pytest

from surfacelint import check
from surfacelint.config import Config
from surfacelint.judgement.repetition.call_site_judgement import CallSiteJudge, JudgedSite
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.model.findings import Report

LONG = 3_300
"""Statements: a walk that goes down two frames for each of them does not come back."""

CHAIN = 2_100
"""Functions: three frames for each."""

BESIDE = f"{programs.ASK}{programs.LOOP}        ask(row)\n"
"""The other file: its finding stands on line 10."""

REBOUND = (
    "rows = [{n}] + rows",
    "rows = rows[1:]",
    "rows = list(rows)",
    "rows = [row for row in rows if row != {n}]",
    "rows = zip(rows, rows)",
    "rows = rows or [{n}]",
    "rows, other = other, rows",
)


def found(folder: Path, text: str) -> list[str]:
    """Return what the command line finds in a folder with a text and the other file; it has to be able to check both."""
    (folder / "setup.py").touch()
    (folder / "beside.py").write_text(BESIDE, encoding="utf-8")
    (folder / "long.py").write_text(text, encoding="utf-8")
    done = doors.surfacelint(folder, "check", "--isolated", "--no-cache", "--output-format", "concise", ".")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return doors.places(done.stdout)


@pytest.mark.parametrize("line", REBOUND)
def test_a_name_made_of_itself(line: str, tmp_path: Path) -> None:
    text = programs.rebound(line, LONG)
    assert found(tmp_path, text) == ["beside.py:10:9 SRF101", f"long.py:{text.count(chr(10))}:9 SRF101"]


def test_a_name_of_a_module(tmp_path: Path) -> None:
    text = programs.rebound_in_module(REBOUND[0], LONG)
    assert found(tmp_path, text) == ["beside.py:10:9 SRF101", f"long.py:{text.count(chr(10))}:5 SRF101"]


@pytest.mark.parametrize("chain", [programs.functions, programs.lambdas])
def test_a_chain_of_calls(chain: Callable[[int], str], tmp_path: Path) -> None:
    text = chain(CHAIN)
    assert found(tmp_path, text) == ["beside.py:10:9 SRF101", f"long.py:{text.count(chr(10))}:9 SRF101"]


def test_a_slice_counts_however_often_the_name_is_bound(tmp_path: Path) -> None:
    assert found(tmp_path, programs.rebound("rows = rows[:50]", LONG)) == ["beside.py:10:9 SRF101"]  # fifty rows are worth no batch


class TestErrors:
    """Errors of this program in one file."""

    def report(self, folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> Report:
        """Return the report on a folder where judging fails in one of two files."""
        judged = CallSiteJudge.judged

        def failing(sites: CallSiteJudge, effect: Effect) -> JudgedSite | None:
            if effect.hop.site.function.module.name == "long":
                raise error
            return judged(sites, effect)

        monkeypatch.setattr(CallSiteJudge, "judged", failing)
        for name in ("beside.py", "long.py"):
            (folder / name).write_text(BESIDE, encoding="utf-8")
        (folder / "setup.py").touch()
        return check([folder], Config(root=folder, cache_dir=str(folder / "cache")))

    def test_code_that_is_too_deep(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        report = self.report(tmp_path, monkeypatch, RecursionError())
        assert [(each.rule.code, Path(each.location.path).name) for each in report.findings] == [
            ("SRF101", "beside.py"),
            ("SRF901", "long.py"),
        ]
        assert report.findings[1].message == ("not checked: was checked in part: `job` is too long or nested too deeply to analyse")

    def test_a_fault_asks_for_a_report(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        report = self.report(tmp_path, monkeypatch, KeyError("odd"))
        assert [(each.rule.code, Path(each.location.path).name) for each in report.findings] == [
            ("SRF101", "beside.py"),
            ("SRF901", "long.py"),
        ]
        assert report.findings[1].message == (
            "not checked: was checked in part: the analysis of `job` failed with KeyError: 'odd'; "
            "please report it with the output of SURFACELINT_DEBUG=1"
        )

    def test_the_fault_itself_on_request(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SURFACELINT_DEBUG", "1")
        with pytest.raises(KeyError):
            self.report(tmp_path, monkeypatch, KeyError("odd"))

    def test_nothing_of_it_is_kept(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.report(tmp_path, monkeypatch, RecursionError())
        monkeypatch.undo()
        report = check([tmp_path], Config(root=tmp_path, cache_dir=str(tmp_path / "cache")))
        assert [each.rule.code for each in report.findings] == ["SRF101", "SRF101"]
