"""Facts on disk: the same findings with and without them, never a stale one, and nothing that is in the cache can stop a run."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
import test_fixtures
from test_invariants import PROGRAMS, together
from test_invariants import sample as tree

from surfacelint.cache import entry_store, replay
from surfacelint.cache.entry_store import Store, digest_of
from surfacelint.cache.json_codec import CodecError, codec
from surfacelint.cache.scan_table import FileScan
from surfacelint.catalogue import loading
from surfacelint.catalogue.index import Catalogue
from surfacelint.config import Config, Hierarchy, cache_folder
from surfacelint.extraction import outline_extraction
from surfacelint.extraction.body_extraction import UnreadableBodyError, read_body
from surfacelint.extraction.outline_extraction import read_outline
from surfacelint.extraction.word_scanning import sketch
from surfacelint.facts.function_bodies import Body
from surfacelint.facts.mentioned_words import Sketch
from surfacelint.facts.module_outlines import ModuleOutline
from surfacelint.model.findings import Report
from surfacelint.pipeline import engine
from surfacelint.pipeline.group_analysis import Analysis, Survey, analyse
from surfacelint.reading.source_reader import Sources
from surfacelint.relevance import independent_groups
from surfacelint.relevance.import_screening import Scan
from surfacelint.reporters import FORMATS
from surfacelint.system import file_dependencies, worker_processes

__all__ = ["tree"]

JOB = """\
from openai import OpenAI

client = OpenAI()


def label(rows):
    for row in rows:
        print(client.responses.create(model="gpt-5", input=row))
"""
CALM = JOB.replace("client.responses.create(", "client.responses_create(")
"""The same number of bytes without a request."""

FIXTURE_FILES = sorted(path for program in test_fixtures.PROGRAMS for path in program.rglob("*.py"))


def shown(report: Report) -> str:
    return FORMATS["json"](report, colour=False)


def opened(job: Path, words: str = "words", root: Path | None = None) -> Store:
    found = Store.open(job / "cache", root or job)
    found.recall(words)
    return found


@pytest.fixture
def job(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "setup.py").touch()
    (root / "job.py").write_text(JOB, encoding="utf-8")
    return root


def settings(root: Path) -> Config:
    return Config(root=root, cache_dir=str(root / ".surfacelint_cache"))


def run(root: Path) -> Report:
    return engine.run([root], settings(root))


class TestCodec:
    @pytest.mark.parametrize("path", FIXTURE_FILES, ids=lambda path: path.parent.name + "/" + path.name)
    def test_facts_survive(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        outline = read_outline(text)
        again = codec(ModuleOutline).loads(codec(ModuleOutline).dumps(outline))
        assert again == outline
        assert codec(ModuleOutline).dumps(again) == codec(ModuleOutline).dumps(outline)
        assert codec(Sketch).loads(codec(Sketch).dumps(sketch(text))) == sketch(text)
        for function in outline.functions:
            try:
                body = read_body(text, outline, function)
            except UnreadableBodyError:
                continue
            assert codec(Body).loads(codec(Body).dumps(body)) == body

    def test_what_is_one_object_stays_one(self) -> None:
        outline = read_outline("x = f(a)\n")
        again = codec(ModuleOutline).loads(codec(ModuleOutline).dumps(outline))
        assert again.functions[0].bindings[0].value is again.functions[0].calls[0].call

    def test_nothing_but_facts_is_read(self) -> None:
        written = codec(ModuleOutline).encode(read_outline("x = f(a, 1)\n\ndef g(y=2):\n    return y\n"))
        read = codec(ModuleOutline).decode
        assert read(written)
        dice = random.Random(1)
        junk: list[object] = [None, -1, 10**30, 1.5, "x", [], {}, [[[]]], True, [0], "\ud800"]
        changed = 0
        for _ in range(3_000):
            rows = json.loads(json.dumps(written))
            row = dice.choice(rows)
            row[dice.randrange(len(row))] = dice.choice(junk)
            try:
                outline = read(rows)
            except CodecError:
                changed += 1
            else:
                assert codec(ModuleOutline).decode(codec(ModuleOutline).encode(outline)) == outline
        assert changed > 1_000

    @pytest.mark.parametrize("data", [b"", b"[" * 100_000, b"1", b"null", b"{}", b"[]", b'["a"]', b"[[99]]", b"[[-1]]", b"\xff", b"[[0]]"])
    def test_anything_else_is_an_error(self, data: bytes) -> None:
        with pytest.raises(CodecError):
            codec(ModuleOutline).loads(data)


@pytest.fixture(scope="module")
def calm(tree: Path) -> Report:
    """Return the report of one process without a cache, without fixes, which take longer than the rest."""
    return engine.run([tree], Config(root=tree, cache=False, jobs=1), fixes=False)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one project of every twentieth fixture, for a test that checks it in many processes."""
    return together(PROGRAMS[::20], tmp_path_factory)


class TestSameFindings:
    def test_cold_and_warm(self, tree: Path, tmp_path: Path) -> None:
        config = Config(root=tree, cache=False)
        without = shown(engine.run([tree], config))
        cached = replace(config, cache=True, cache_dir=str(tmp_path / "cache"))
        assert shown(engine.run([tree], cached)) == without
        assert shown(engine.run([tree], cached)) == without

    @pytest.mark.parametrize("jobs", [2, 5])
    def test_one_job_and_many(self, tree: Path, calm: Report, tmp_path: Path, jobs: int) -> None:
        config, one = Config(root=tree, cache=False, jobs=jobs), shown(calm)
        assert shown(engine.run([tree], config, fixes=False)) == one
        cached = replace(config, cache=True, cache_dir=str(tmp_path / "cache"))
        assert shown(engine.run([tree], cached, fixes=False)) == one
        assert shown(engine.run([tree], cached, fixes=False)) == one

    @pytest.mark.skipif(not worker_processes.can_fork(), reason="this system does not fork")
    def test_a_file_that_kills_its_worker(self, tree: Path, calm: Report, monkeypatch: pytest.MonkeyPatch) -> None:
        read, parent = outline_extraction.read_outline, os.getpid()

        def deadly(text: str, *, cells: bool = False) -> ModuleOutline:
            if "bookshop_is_closed" in text and os.getpid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)
            return read(text, cells=cells)

        monkeypatch.setattr(outline_extraction, "read_outline", deadly)
        odd = tree / "closed.py"
        odd.write_text("import openai\nbookshop_is_closed = True\n", encoding="utf-8")
        report = engine.run([tree], Config(root=tree, cache=False, jobs=3), fixes=False)
        odd.unlink()
        assert [each.rule.code for each in report.findings if each.location.path.endswith("closed.py")] == ["SRF901"]
        assert len(report.findings) == len(calm.findings) + 1

    @pytest.mark.skipif(not worker_processes.can_fork(), reason="this system does not fork")
    @pytest.mark.parametrize(("jobs", "cached"), [(2, True), (2, False), (50, True), (50, False)])
    def test_a_group_that_kills_its_worker(
        self, tree: Path, calm: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int, cached: bool
    ) -> None:
        config = Config(root=tree, cache=cached, cache_dir=str(tmp_path / "cache"), jobs=jobs)
        parent, doomed = os.getpid(), calm.findings[0].location.path

        def deadly(
            hierarchy: Hierarchy, catalogue: Catalogue, sources: Sources, surveyed: Survey, group: frozenset[str], *, listing: bool
        ) -> Analysis:
            file = sources.project.shown_as(doomed)
            if file is not None and file.module in group and os.getpid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)
            return analyse(hierarchy, catalogue, sources, surveyed, group, listing=listing)

        monkeypatch.setattr("surfacelint.pipeline.parallel_groups.analyse", deadly)
        monkeypatch.setattr(independent_groups, "FULL", 1)
        report = engine.run([tree], config, fixes=False)
        lost = {each.location.path for each in report.findings if "the process that analysed it died" in each.message}
        assert doomed in lost
        assert {each.location.path for each in report.findings} - lost

    def test_eight_at_a_time(self, few: Path, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "surfacelint", "check", "--isolated", "--output-format=concise", "--cache-dir", str(tmp_path), "."]
        runs = [subprocess.Popen(command, cwd=few, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(8)]
        said = [each.communicate(timeout=300) for each in runs]
        assert len(set(said)) == 1
        assert said[0][0].count("\n") > 50
        again = subprocess.run(command, cwd=few, capture_output=True, text=True, check=False)
        assert (again.stdout, again.stderr) == said[0]
        assert not list(tmp_path.rglob("*.tmp"))


class TestDamage:
    def damage(self, root: Path, how: Callable[[bytes], bytes], whole: bool) -> None:
        folder = root / ".surfacelint_cache"
        files = [path for path in folder.rglob("*") if path.is_file() and path.suffix and path.parent != folder]
        assert len(files) >= 3
        for path in files:
            data = how(path.read_bytes())
            path.write_bytes(sealed(path.relative_to(folder).as_posix(), data) if whole else data)

    @pytest.mark.parametrize(
        ("how", "whole"),
        [
            (lambda data: b"", False),
            (lambda data: data[: len(data) // 2], False),
            (lambda data: random.Random(2).randbytes(len(data)), False),
            (lambda data: b"[" * 200_000, True),
            (lambda data: b'{"words": 1, "files": []}', True),
            (lambda data: b"[[1, 2], 3]", True),
            (lambda data: b'{"label": [[0]], "files": {"a": 1}, "records": [1]}', True),
            (lambda data: b"\xff\xfe", True),
            (lambda data: data.partition(b"\n")[2].replace(b"1", b"-7"), True),
        ],
    )
    def test_is_as_if_nothing_were_there(self, job: Path, how: Callable[[bytes], bytes], whole: bool) -> None:
        expected = shown(run(job))
        self.damage(job, how, whole)
        assert shown(run(job)) == expected
        assert shown(run(job)) == expected

    def test_a_folder_that_cannot_be_written(self, job: Path) -> None:
        (job / ".surfacelint_cache").write_text("a file", encoding="utf-8")
        assert len(run(job).findings) == 1


def sealed(name: str, data: bytes) -> bytes:
    """Return a file of the cache that says so of itself."""
    return sha256(f"{name}\n".encode() + data).hexdigest().encode() + b"\n" + data


class TestNothingStale:
    def test_same_size_and_times(self, job: Path) -> None:
        path = job / "job.py"
        assert len(JOB) == len(CALM)
        os.utime(path, (1_000, 1_000))
        assert len(run(job).findings) == 1
        assert len(run(job).findings) == 1
        path.write_text(CALM, encoding="utf-8")
        os.utime(path, (1_000, 1_000))
        assert run(job).findings == ()
        draft = job / "draft.txt"
        draft.write_text(JOB, encoding="utf-8")
        os.utime(draft, (1_000, 1_000))
        draft.replace(path)
        assert len(run(job).findings) == 1

    def test_what_is_young_is_looked_at_again(self, job: Path) -> None:
        path = str(job / "job.py")
        scan = Scan(frozenset(), False)
        made = opened(job)
        made.scans.find(path)
        made.scans.note(path, scan)
        made.save()
        assert opened(job).scans.find(path) is None
        time.sleep(file_dependencies.FRESH / 1e9 + 0.1)
        made = opened(job)
        made.scans.find(path)
        made.scans.note(path, scan)
        made.save()
        if os.name != "nt":
            assert opened(job).scans.find(path) == FileScan(scan)
        assert opened(job, "other words").scans.find(path) is None
        assert opened(job, root=job / "other").scans.find(path) is None

    def test_other_readers_have_other_folders(self, job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        here = entry_store.reader_version()
        monkeypatch.setattr(sys, "version", "3.99.0")
        assert entry_store.reader_version() != here
        monkeypatch.undo()
        monkeypatch.setattr(entry_store, "_READERS", ("extraction",))
        assert entry_store.reader_version() != here
        outline = read_outline(JOB)
        Store.open(job / "cache", job, "one").keep_fact(ModuleOutline, digest_of(JOB), "outline", outline)
        assert Store.open(job / "cache", job, "one").outline(digest_of(JOB)) == outline
        assert Store.open(job / "cache", job, "two").outline(digest_of(JOB)) is None


def test_the_catalogue_is_read_once_for_all(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config(root=job, cache_dir=str(job / "cache"))
    monkeypatch.setattr(loading, "_READ", [])
    cold = shown(engine.run([job], config))
    assert len(list((job / "cache").rglob("*.rows"))) == 1
    monkeypatch.setattr(loading, "_READ", [])
    monkeypatch.setattr(loading, "read", None)
    assert shown(engine.run([job], config)) == cold
    for path in (job / "cache").rglob("*.rows"):
        path.write_bytes(path.read_bytes()[:-9])
    monkeypatch.undo()
    monkeypatch.setattr(loading, "_READ", [])
    assert shown(engine.run([job], config)) == cold


class TestPlace:
    def test_is_marked_as_a_cache(self, job: Path) -> None:
        run(job)
        folder = job / ".surfacelint_cache"
        assert (folder / "CACHEDIR.TAG").read_text(encoding="ascii").startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
        assert (folder / ".gitignore").read_text(encoding="ascii").endswith("\n*\n")

    def test_can_be_chosen(self, job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(replay.VARIABLE, str(job / "there"))
        assert cache_folder(Config(root=job)) == job / "there"
        assert cache_folder(Config(root=job, cache_dir=str(job / "here"))) == job / "here"
        monkeypatch.delenv(replay.VARIABLE)
        assert cache_folder(Config(root=job)) == job / ".surfacelint_cache"

    def test_or_not_be_at_all(self, job: Path) -> None:
        engine.run([job], replace(settings(job), cache=False))
        assert not (job / ".surfacelint_cache").exists()

    def test_stays_within_bounds(self, job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(entry_store, "MOST_BYTES", 200_000)
        for number in range(100):
            made = Store.open(job / "cache", job, "")
            text = JOB + f"x = {number}\n" * 20
            made.keep_fact(ModuleOutline, digest_of(text), "outline", read_outline(text))
            made.scans.find(str(job / "job.py"))
            made.scans.note(str(job / "job.py"), Scan(frozenset(), False))
            made.save()
        assert sum(path.stat().st_size for path in (job / "cache").rglob("*") if path.is_file()) <= 250_000
