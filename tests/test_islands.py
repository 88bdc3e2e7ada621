"""Parts of a program that have nothing to do with each other are analysed apart, and nobody can tell from what is found."""

from __future__ import annotations

import os
import signal
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from surfacelint import check
from surfacelint.config import Config
from surfacelint.model.findings import Report
from surfacelint.pipeline import engine, group_analysis
from surfacelint.relevance import independent_groups
from surfacelint.system.timings import Timings
from surfacelint.system.worker_processes import can_fork

ASK = """
from openai import OpenAI

def ask(text):
    return OpenAI().responses.create(model="gpt-5-mini", input=text)
"""
JOB = """
from {llm} import ask

def main(rows):
    for row in rows:
        ask(row)
"""
BASE = """
class Model:
    def answer(self, text):
        raise NotImplementedError
"""
VENDOR = """
from base import Model
from openai import OpenAI

class Vendor(Model):
    def answer(self, text):
        return OpenAI().responses.create(model="gpt-5-mini", input=text)
"""
RUN = """
from base import Model

def main(model: Model, rows):
    for row in rows:
        model.answer(row)
"""


def groups(imports: Mapping[str, Collection[str]], bases: Mapping[str, Collection[str]] | None = None) -> list[list[str]]:
    known = bases or {}
    found = independent_groups.groups(imports, imports, lambda module: known.get(module, ()))
    return [sorted(group) for group in found]


class TestGroups:
    def test_small_islands_go_together(self) -> None:
        assert groups({"a": ["b"], "b": [], "c": ["elsewhere"], "d": []}) == [["a", "b", "c", "d"]]
        assert groups({}) == []

    def test_islands_stay_apart(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(independent_groups, "FULL", 2)
        assert groups({"a": [], "b": ["c"], "c": [], "d": [], "e": []}) == [["b", "c"], ["a", "d"], ["e"]]

    def test_whoever_shares_a_base_class_goes_together(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(independent_groups, "FULL", 1)
        imports = {"a": ["base"], "b": ["base"], "c": ["further"], "d": ["other"]}
        assert groups(imports, {"a": ["base"], "base": ["further"]}) == [["a", "b", "c"], ["d"]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(independent_groups, "FULL", 1)
    files = {"setup.py": "", "base.py": BASE, "vendor.py": VENDOR, "run.py": RUN}
    for number in range(3):
        files |= {f"llm{number}.py": ASK, f"job{number}.py": JOB.format(llm=f"llm{number}")}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def reported(root: Path, jobs: int, cache: str = "") -> tuple[Report, Timings]:
    timings = Timings()
    config = Config(root=root, cache=bool(cache), cache_dir=cache, jobs=jobs)
    return engine.run([root], config, timings=timings), timings


def test_processes_find_the_same(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    alone, counted = reported(project, 1)
    assert [Path(each.location.path).name for each in alone.findings] == ["job0.py", "job1.py", "job2.py", "run.py"]
    shared, counted_apart = reported(project, 2)
    assert shared == alone
    outlines, again = counted.counts.pop("outlines read"), counted_apart.counts.pop("outlines read")
    assert counted_apart.counts == counted.counts
    # Visitors and fixes run in the process that reports, which then reads the outlines of the files with findings itself.
    assert outlines <= again <= 2 * outlines
    cache = str(tmp_path_factory.mktemp("cache"))
    assert reported(project, 2, cache)[0] == alone
    warm, read = reported(project, 2, cache)
    assert warm == alone
    assert "bodies read" not in read.counts


def test_what_one_process_parsed_costs_no_other(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Files that only linking reads do not count against what is parsed for the sake of syntax errors alone.
    (project / "zz.py").write_text("def f(:\n", encoding="utf-8")
    for budget in (0, 60, 200, 2_000):
        monkeypatch.setattr("surfacelint.pipeline.syntax_check.COMPILED_ANYWAY", budget)
        assert reported(project, 2)[0] == reported(project, 1)[0]


@pytest.mark.skipif(not can_fork(), reason="needs processes")
class TestAccidents:
    def test_a_process_that_dies_costs_its_group(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        original = group_analysis.analyse

        def analyse(*arguments: object, listing: bool) -> object:
            if "job1" in arguments[-1]:  # type: ignore[operator]
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*arguments, listing=listing)  # type: ignore[arg-type]

        monkeypatch.setattr("surfacelint.pipeline.parallel_groups.analyse", analyse)
        report, _ = reported(project, 2)
        found = [(Path(each.location.path).name, each.rule.code) for each in report.findings]
        assert found == [("job0.py", "SRF101"), ("job1.py", "SRF901"), ("job2.py", "SRF101"), ("llm1.py", "SRF901"), ("run.py", "SRF101")]
        assert not report.complete

    def test_an_error_is_that_of_the_run(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def analyse(*_: object, listing: bool) -> object:
            raise RuntimeError("no idea")

        monkeypatch.setattr("surfacelint.pipeline.parallel_groups.analyse", analyse)
        with pytest.raises(RuntimeError, match="no idea"):
            reported(project, 2)


def test_the_public_door_uses_them(project: Path) -> None:
    assert len(check([project], Config(root=project, cache=False)).findings) == 4


def test_a_helper_is_explained_whoever_leads_into_it(project: Path) -> None:
    (project / "each.py").write_text("def each(function, rows):\n    return [function(row) for row in rows]\n", encoding="utf-8")
    (project / "job2.py").write_text(
        "from each import each\nfrom llm2 import ask\n\ndef main(rows):\n    each(ask, rows)\n", encoding="utf-8"
    )
    said = engine.explain(str(project / "each.py"), 2, Config(root=project, cache=False))
    assert "openai.OpenAI().responses.create" in said
