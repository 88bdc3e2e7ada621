"""Completed findings in the cache: an edit causes only what it touches to be read again, and nothing shows that there is a cache."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import doors
import pytest

from surfacelint.codemods.documents import Document
from surfacelint.config import Config
from surfacelint.model.findings import Report
from surfacelint.pipeline import engine

HELPER = """from openai import OpenAI

client = OpenAI()


def ask(text):
    return client.responses.create(model="gpt-5-mini", input=text).output_text
"""
JOB = "from shop.helper import ask\n\n\ndef job(rows):\n    for row in rows:\n        print(ask(row))\n"
WAITING = "from shop.helper import ask\n\n\ndef count(rows):\n    while rows:\n        rows.append(ask(rows.pop()))\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "setup.py").touch()
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "helper.py").write_text(HELPER, encoding="utf-8")
    (tmp_path / "shop" / "job.py").write_text(JOB, encoding="utf-8")
    (tmp_path / "shop" / "other.py").write_text(JOB.replace("job", "other"), encoding="utf-8")
    (tmp_path / "shop" / "waiting.py").write_text(WAITING, encoding="utf-8")
    return tmp_path


def run(shop: Path, **settings: Any) -> Report:
    return engine.run([shop], Config(root=shop, cache_dir=str(shop / ".surfacelint_cache"), **settings))


def parts(report: Report) -> tuple[object, ...]:
    return report.findings, report.sources, report.errors, report.warnings


def check(shop: Path, **settings: Any) -> Report:
    """Return the report of a run with the cache, which has to be that of a run without one."""
    report = run(shop, **settings)
    assert parts(report) == parts(run(shop, cache=False, **settings))
    return report


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the files in which constructs are looked for from now on."""
    found: list[str] = []
    original = Document.construct

    def construct(document: Document, workload: Any) -> Any:
        found.append(Path(document.path).name)
        return original(document, workload)

    monkeypatch.setattr(Document, "construct", construct)
    return found


def edit(path: Path, text: str = "# another line\n") -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_an_edit_completes_only_what_it_touches(shop: Path, read: list[str]) -> None:
    assert [each.fix is not None for each in run(shop).findings] == [True, True]
    assert sorted(read) == ["job.py", "other.py"]
    read.clear()
    edit(shop / "shop" / "waiting.py")
    run(shop)
    assert read == []
    edit(shop / "shop" / "job.py")
    run(shop)
    assert read == ["job.py"]


EDITS: dict[str, Callable[[Path], object]] = {
    "a helper that the fix edits": lambda shop: edit(shop / "shop" / "helper.py"),
    "a helper that cannot be rewritten": lambda shop: (shop / "shop" / "helper.py").write_text(
        HELPER.replace("    return client", "    print(open('log', 'a').write(text))\n    return client"), encoding="utf-8"
    ),
    "a name in a helper": lambda shop: (shop / "shop" / "helper.py").write_text(
        HELPER.replace("\n\nclient", "\nbatchable = 1\nclient"), encoding="utf-8"
    ),
    "a moved loop": lambda shop: (shop / "shop" / "job.py").write_text(f"\n\n{JOB}", encoding="utf-8"),
    "another name of an item": lambda shop: (shop / "shop" / "job.py").write_text(JOB.replace("row)", "row )"), encoding="utf-8"),
    "a batch module that its user has edited": lambda shop: (shop / "shop" / "llm_batch.py").write_text("x = 1\n", encoding="utf-8"),
    "no package": lambda shop: (shop / "shop" / "__init__.py").unlink(),
    "another file": lambda shop: (shop / "shop" / "more.py").write_text(JOB, encoding="utf-8"),
    "no helper": lambda shop: (shop / "shop" / "helper.py").unlink(),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_run_after_an_edit_is_a_run_without_a_cache(shop: Path, name: str) -> None:
    run(shop)
    EDITS[name](shop)
    check(shop)
    check(shop)


def test_settings_count(shop: Path) -> None:
    run(shop)
    assert {each.path for one in check(shop, batch_module="shop.batch").findings if one.fix for each in one.fix.files} == {
        str(shop / "shop" / "batch.py")
    }
    assert "there" in {part for each in check(shop, batch_module="there.batch").findings for part in each.refusal.split("/")}
    (shop / "there").mkdir()  # which is not a file of the project
    assert {each.refusal for each in check(shop, batch_module="there.batch").findings} == {""}
    check(shop)


def test_findings_without_fixes_are_others(shop: Path) -> None:
    config = Config(root=shop, cache_dir=str(shop / ".surfacelint_cache"))
    run(shop)
    for _ in range(2):
        assert {each.fix for each in engine.run([shop], config, fixes=False).findings} == {None}
    check(shop)


def entries(shop: Path, suffix: str) -> list[Path]:
    found = sorted((shop / ".surfacelint_cache").rglob(f"*.{suffix}"))
    assert found
    return found


@pytest.mark.parametrize("suffix", ["findings", "text"])
def test_damaged_and_foreign_entries_are_no_entries(shop: Path, suffix: str) -> None:
    expected = run(shop)
    for damaged in (b"", b"{}", None):
        for path in entries(shop, suffix):
            path.write_bytes(path.read_bytes()[:-9] if damaged is None else damaged)
        assert parts(run(shop)) == parts(expected)
    first, *rest = entries(shop, "findings")
    for path in rest:
        shutil.copy(first, path)
    assert parts(run(shop)) == parts(expected)


@pytest.mark.parametrize("path", ["../../outside.py", "/outside.py"])
def test_an_entry_cannot_make_fixes_write_elsewhere(shop: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever commits a cache can compute its checksums."""
    from surfacelint.cache.entry_files import EntryFiles

    monkeypatch.chdir(shop)
    expected = run(shop)
    assert [file.path for each in expected.findings if each.fix for file in each.fix.files] == ["shop/llm_batch.py"] * 2
    original = EntryFiles.read

    def made_up(files: EntryFiles, name: str) -> bytes | None:
        data = original(files, name)
        return data.replace(b"shop/llm_batch.py", path.encode()) if data and name.endswith(".findings") else data

    monkeypatch.setattr(EntryFiles, "read", made_up)
    assert parts(run(shop)) == parts(expected)


def test_long_entries_are_not_kept(shop: Path) -> None:
    loops = "".join(f"    for row in rows{number}:\n        print(ask(row))\n" for number in range(60))
    given = ", ".join(f"rows{number}" for number in range(60))
    (shop / "shop" / "job.py").write_text(f"from shop.helper import ask\n\n\ndef job({given}):\n{loops}", encoding="utf-8")
    check(shop)
    assert len(entries(shop, "findings")) == 1
    check(shop)


def test_the_command_line_prints_the_same(shop: Path) -> None:
    for _ in range(2):
        said = [doors.surfacelint(shop, "check", *more, "--output-format", "json", ".").stdout for more in ([], ["--no-cache"])]
        assert said[0] == said[1]
        assert len(json.loads(said[0])) == 2
        edit(shop / "shop" / "waiting.py")
