"""What was found out about a part of a program is known in the next run, and never longer than it holds."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from test_invariants import PROGRAMS, together

from surfacelint.config import Config, Layer
from surfacelint.model.findings import Report
from surfacelint.pipeline import engine
from surfacelint.relevance import independent_groups
from surfacelint.reporters import FORMATS
from surfacelint.system.timings import Timings

ASK = """
from openai import OpenAI

def ask(text):
    return OpenAI().responses.create(model="gpt-5-mini", input=text)
"""
JOB = """
from {llm} import ask
from texts import LIMIT, clean

def main(rows):
    for row in rows[:LIMIT]:
        ask(clean(row))
"""
TEXTS = """
LIMIT = 5_000

def clean(text):
    return text.strip()
"""
BASE = """
class Model:
    def answer(self, text):
        raise NotImplementedError

def pick(name):
    return next(kind for kind in Model.__subclasses__() if kind.__name__ == name)()
"""
VENDOR = """
from base import Model
from openai import OpenAI

class Vendor(Model):
    def answer(self, text):
        return OpenAI().responses.create(model="gpt-5-mini", input=text)
"""
RUN = """
from base import Model, pick

def main(rows):
    model: Model = pick("Vendor")
    for row in rows:
        model.answer(row)
"""
FILES = {"setup.py": "", "texts.py": TEXTS, "base.py": BASE, "vendor.py": VENDOR, "run.py": RUN}
for number in range(3):
    FILES |= {f"llm{number}.py": ASK, f"job{number}.py": JOB.format(llm=f"llm{number}")}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(independent_groups, "FULL", 1)
    root = tmp_path / "project"
    root.mkdir()
    for name, text in FILES.items():
        (root / name).write_text(text)
        settle(root / name)
    return root


def settle(path: Path) -> None:
    """Make a file old enough to be trusted."""
    os.utime(path, ns=(path.stat().st_mtime_ns - 10_000_000_000,) * 2)


def run(root: Path, *, cache: bool = True, jobs: int = 1, **settings: object) -> tuple[list[str], int]:
    """Return what is found, and how many groups were analysed for that."""
    timings = Timings()
    config = Config(root=root).apply(Layer({"cache": cache, "jobs": jobs, **settings}))
    report = engine.run([root], config, timings=timings, fixes=False)  # which the cache knows nothing of
    return shown(report), timings.counts.get("groups analysed", 0)


def shown(report: Report) -> list[str]:
    assert not report.errors
    return FORMATS["concise"](report, colour=False).splitlines()


class TestWhatIsKnown:
    @pytest.mark.parametrize("jobs", [1, 2])
    def test_nothing_is_analysed_twice(self, project: Path, jobs: int) -> None:
        first, analysed = run(project, jobs=jobs)
        assert analysed == 4
        assert run(project, jobs=jobs) == (first, 0)
        assert run(project, cache=False, jobs=jobs) == (first, 4)

    def test_an_edit_has_its_own_group_analysed(self, project: Path) -> None:
        before, _ = run(project)
        (project / "job1.py").write_text(FILES["job1.py"].replace("[:LIMIT]", "[:5]"))
        after, analysed = run(project)
        assert analysed == 1
        assert [line for line in before if line not in after] == [line for line in before if "job1.py" in line]

    def test_so_has_one_of_a_file_without_a_request_that_was_looked_at(self, project: Path) -> None:
        before, _ = run(project)
        (project / "texts.py").write_text(TEXTS.replace("5_000", "5"))
        after, analysed = run(project)
        assert analysed == 3
        assert after == run(project, cache=False)[0]
        assert before != after

    def test_a_new_file_may_change_what_names_mean(self, project: Path) -> None:
        run(project)
        (project / "llm1").mkdir()
        (project / "llm1" / "__init__.py").write_text("def ask(text):\n    return text\n")
        after, analysed = run(project)
        assert analysed > 1
        assert after == run(project, cache=False)[0]

    def test_settings_change_what_is_worth_it(self, project: Path) -> None:
        (project / "job1.py").write_text(FILES["job1.py"].replace("[:LIMIT]", "[:50]"))
        few, _ = run(project, min_items=100)
        many, analysed = run(project, min_items=10)
        assert analysed == 4
        assert len(many) == len(few) + 1

    def test_rules_are_asked_each_time(self, project: Path) -> None:
        run(project)
        assert run(project, select=("SRF201",))[1] == 0

    def test_a_subclass_elsewhere_matters_to_who_knows_the_base_class(self, project: Path) -> None:
        before, _ = run(project)
        assert any("run.py" in line for line in before)
        (project / "vendor.py").write_text(VENDOR.replace("answer", "reply"))
        after, _ = run(project)
        assert not any("run.py" in line for line in after)


def test_what_is_damaged_is_not_known(project: Path) -> None:
    cache = str(project / ".surfacelint_cache")
    before, _ = run(project, cache_dir=cache)
    kept = sorted(Path(cache).rglob("*.outcome"))
    assert len(kept) == 4
    kept[0].write_bytes(kept[0].read_bytes()[:-20])
    kept[1].write_bytes(kept[2].read_bytes())
    assert run(project, cache_dir=cache) == (before, 2)


def test_what_could_not_be_read_is_said_each_time(project: Path) -> None:
    (project / "job1.py").write_text(FILES["job1.py"] + "def f(:\n")
    first, _ = run(project)
    assert any("SRF901" in line for line in first)
    assert run(project)[0] == first


def test_any_edit_leads_to_what_a_first_run_finds(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = together(PROGRAMS[::24], tmp_path_factory)
    monkeypatch.setattr(independent_groups, "FULL", 1)
    chance = random.Random(7)
    files = sorted(tree.rglob("*.py"))
    run(tree)
    for path in chance.sample(files, 8):
        text = path.read_text()
        path.write_text(chance.choice([text.replace("create(", "created("), text.replace("for ", "for _", 1), "import os\n" + text, ""]))
        assert run(tree)[0] == run(tree, cache=False)[0], path
