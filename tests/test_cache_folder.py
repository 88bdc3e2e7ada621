"""The cache keeps to a folder of its own, writes and deletes nothing beside it, and believes no file under another name."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
import zlib
from array import array
from pathlib import Path

import doors
import pytest

from surfacelint.cache import entry_files, entry_store, marked_folder, replay
from surfacelint.cache.entry_files import EntryFiles
from surfacelint.cache.entry_store import Store
from surfacelint.cache.pruning import prune
from surfacelint.config import Config
from surfacelint.pipeline import engine
from surfacelint.system.file_dependencies import NOTHING

JOB = """\
from openai import OpenAI

client = OpenAI()


def label(rows):
    for row in rows:
        client.responses.create(model="gpt-5", input=row)
"""
QUIET = JOB.replace("    for row in rows:\n        ", "    ").replace("=row", "=rows")

VERSION = "0123456789abcdef01234567"
ENTRY = "f" * 62 + ".outline"
OLD = (1_000_000_000, 1_000_000_000)

links = pytest.mark.skipif(os.name == "nt", reason="links need rights here")
fifos = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(replay.VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    root = tmp_path / "project"
    root.mkdir()
    (root / "setup.py").touch()
    (root / "job.py").write_text(JOB, encoding="utf-8")
    return root


def check(project: Path, *arguments: str) -> tuple[int, str, str]:
    done = doors.surfacelint(project, "check", "--output-format=concise", *arguments)
    return done.returncode, done.stdout, done.stderr


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def write(path: Path, data: bytes = b"x" * 100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, OLD)
    return path


class TestPruning:
    def test_takes_the_oldest_files_of_all_versions(self, tmp_path: Path) -> None:
        marked_folder.claim(str(tmp_path))
        mine = [
            write(tmp_path / VERSION / "ab" / ENTRY),
            write(tmp_path / ("9" * 24) / "00" / ENTRY),
            write(tmp_path / VERSION / "scans-0123456789abcdef.json"),
        ]
        young = tmp_path / VERSION / "cd" / ENTRY
        write(young)
        os.utime(young)
        assert prune(str(tmp_path), 250) == 200
        assert sum(path.exists() for path in mine) == 1
        assert young.exists()
        assert prune(str(tmp_path), 0) == 0
        assert not any(path.exists() for path in (*mine, young))

    @pytest.mark.parametrize(
        "name",
        [
            "src/pkg/job.py",
            f"{VERSION}/ab/notes.txt",
            f"{VERSION}/ab/{'f' * 61}.outline",
            f"{VERSION}/ab/{ENTRY}.bak",
            f"{VERSION}/ab/{ENTRY}\n",
            f"{VERSION}/abc/{ENTRY}",
            f"{VERSION}0/ab/{ENTRY}",
            f"{VERSION}/scans-mine.json",
            f"{VERSION}/ab/inner/{ENTRY}",
            ENTRY,
            "CACHEDIR.TAG",
            ".gitignore",
        ],
    )
    def test_spares_what_has_another_name(self, tmp_path: Path, name: str) -> None:
        marked_folder.claim(str(tmp_path))
        data = marked_folder.MARK if name == marked_folder.TAG else b"mine"
        other = write(tmp_path / name, data)
        prune(str(tmp_path), 0)
        assert other.read_bytes() == data

    @links
    @pytest.mark.parametrize("place", [VERSION, f"{VERSION}/ab", f"{VERSION}/ab/{ENTRY}"])
    def test_goes_through_no_link(self, tmp_path: Path, place: str) -> None:
        cache = tmp_path / "cache"
        marked_folder.claim(str(cache))
        write(tmp_path / "home" / VERSION / "ab" / ENTRY)
        link = cache / place
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(tmp_path / "home" / place)
        before = files(tmp_path / "home")
        prune(str(cache), 0)
        assert files(tmp_path / "home") == before
        assert link.is_symlink()

    def test_needs_the_mark(self, tmp_path: Path) -> None:
        entry = write(tmp_path / VERSION / "ab" / ENTRY)
        prune(str(tmp_path), 0)
        assert entry.exists()
        marked_folder.claim(str(tmp_path / "other"))
        write(tmp_path / marked_folder.TAG, marked_folder.MARK[:-1])
        prune(str(tmp_path), 0)
        assert entry.exists()
        write(tmp_path / marked_folder.TAG, marked_folder.MARK)
        prune(str(tmp_path), 0)
        assert not entry.exists()

    def test_leaves_what_is_being_written(self, tmp_path: Path) -> None:
        marked_folder.claim(str(tmp_path))
        left_over = write(tmp_path / VERSION / "ab" / f"{ENTRY}.0123456789abcdef.tmp")
        written = write(tmp_path / VERSION / "ab" / f"{ENTRY}.123.tmp")
        os.utime(written, (time.time() - 60, time.time() - 60))
        prune(str(tmp_path), 0)
        assert (left_over.exists(), written.exists()) == (False, True)

    def test_ends_a_run_after_which_there_would_be_too_much(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        config = Config(root=project, cache_dir=str(project / "c"))
        engine.run([project], config)
        mine = write(project / "c" / VERSION / "ab" / ENTRY)
        other = write(project / "c" / "src" / "pkg" / "job.py")
        monkeypatch.setattr(entry_store, "MOST_BYTES", 10)
        (project / "job.py").write_text(QUIET, encoding="utf-8")
        engine.run([project], config)
        assert (mine.exists(), other.exists()) == (False, True)

    def test_of_answers_spares_other_files(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = str(project / "c")
        marked_folder.claim(folder)
        inner = Path(marked_folder.make_below(folder, replay.PLACE))
        others = [write(inner / name) for name in ("notes.txt", "0123456", "ABCDEF01", "01234567.bak")]
        old = [write(inner / f"0000000{number}") for number in range(5)]
        left_over = write(inner / "00000000.123.tmp")
        monkeypatch.setattr(replay, "MOST_ANSWERS", 2)
        replay._write(folder, "abcdef01", b"", time.time_ns())
        assert all(path.exists() for path in others)
        assert sum(path.exists() for path in old) == 1
        assert not left_over.exists()


class TestTaking:
    def test_a_folder_with_other_files_is_refused(self, project: Path) -> None:
        write(project / "docs" / "notes.txt")
        before = files(project)
        code, out, said = check(project, "--cache-dir", "docs")
        assert (code, out, said.count("\n")) == (2, "", 1)
        assert said.startswith(f"error: the cache folder {project / 'docs'} contains other files")
        assert "--no-cache" in said
        assert files(project) == before
        assert check(project, "--cache-dir", "docs", "--no-cache")[0] == 1

    @pytest.mark.parametrize("named", [".", "docs"])
    def test_settings_that_name_one_are_wrong_settings(self, project: Path, named: str) -> None:
        write(project / "docs" / "notes.txt")
        (project / "surfacelint.toml").write_text(f'min-items = 3\ncache-dir = "{named}"\n', encoding="utf-8")
        before = files(project)
        code, out, said = check(project)
        assert (code, out, said.count("\n")) == (2, "", 1)
        assert said.startswith("error: surfacelint.toml:2: the cache folder ")
        assert "contains other files" in said
        assert files(project) == before

    @pytest.mark.parametrize("mark", [b"", marked_folder.MARK[:40], b"Signature: 8a477f597d28d172789f06886806bc55\n# of another program\n"])
    def test_a_damaged_or_strange_mark_is_none(self, project: Path, mark: bytes) -> None:
        assert check(project)[0] == 1
        (project / replay.FOLDER / marked_folder.TAG).write_bytes(mark)
        (project / "job.py").write_text(QUIET, encoding="utf-8")
        before = files(project)
        code, out, said = check(project)
        assert (code, out) == (2, "")
        assert "its CACHEDIR.TAG is damaged" in said
        assert files(project) == before

    def test_an_empty_folder_is_taken_and_marked(self, project: Path) -> None:
        (project / "kept").mkdir()
        assert check(project, "--cache-dir", "kept")[0] == 1
        assert (project / "kept" / marked_folder.TAG).read_bytes() == marked_folder.MARK
        assert len(files(project / "kept")) > 3

    def test_many_processes_take_a_folder_at_once(self, tmp_path: Path) -> None:
        failed: list[BaseException] = []

        def take(folder: str, ready: threading.Barrier) -> None:
            ready.wait()
            try:
                marked_folder.claim(folder)
                marked_folder.write(f"{folder}/{threading.get_ident()}", b"")
            except Exception as error:
                failed.append(error)

        for number in range(50):
            ready = threading.Barrier(4)
            takers = [threading.Thread(target=take, args=(str(tmp_path / str(number)), ready)) for _ in range(4)]
            for each in takers:
                each.start()
            for each in takers:
                each.join()
        assert failed == []
        assert all(marked_folder.is_marked(str(tmp_path / str(number))) for number in range(50))

    def test_a_mark_that_another_process_is_writing_is_no_other_file(self, tmp_path: Path) -> None:
        write(tmp_path / f"{marked_folder.TAG}.123.tmp")
        assert not marked_folder.claim(str(tmp_path))
        assert marked_folder.is_marked(str(tmp_path))

    def test_no_run_leaves_a_folder_without_mark(self, project: Path) -> None:
        assert check(project, "nowhere.py")[0] == 2
        assert marked_folder.is_marked(str(project / replay.FOLDER))
        assert check(project)[0] == 1

    def test_an_answer_is_kept_in_a_cache_only(self, tmp_path: Path) -> None:
        replay._write(str(tmp_path), "01234567", b"", time.time_ns())
        replay._write(str(tmp_path / "new"), "01234567", b"", time.time_ns())
        assert list(tmp_path.iterdir()) == []
        marked_folder.claim(str(tmp_path))
        replay._write(str(tmp_path), "01234567", b"", time.time_ns())
        assert [path.name for path in (tmp_path / replay.PLACE).iterdir()] == ["01234567"]


class TestPlace:
    def settings(self, project: Path, named: str) -> tuple[int, str, str]:
        (project / "surfacelint.toml").write_text(f"cache-dir = '{named}'\n", encoding="utf-8")
        return check(project)

    def test_settings_may_not_name_one_outside(self, project: Path, tmp_path: Path) -> None:
        for named in (str(tmp_path / "elsewhere"), "../elsewhere", "src/../../elsewhere"):
            code, out, said = self.settings(project, named)
            assert (code, out, said.count("\n")) == (2, "", 1)
            assert said.startswith("error: surfacelint.toml:1: the cache folder ")
            assert "is outside the project" in said
        assert not (tmp_path / "elsewhere").exists()

    @links
    def test_nor_through_a_link(self, project: Path, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (project / "link").symlink_to(tmp_path / "elsewhere")
        for named in ("link", "link/cache"):
            assert self.settings(project, named)[0] == 2
        assert files(tmp_path / "elsewhere") == {}

    @pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="caches lie elsewhere there")
    def test_they_may_in_the_users_own_folder_for_caches(self, project: Path, tmp_path: Path) -> None:
        assert self.settings(project, str(tmp_path / "caches" / "surfacelint"))[0] == 1
        assert marked_folder.is_marked(str(tmp_path / "caches" / "surfacelint"))
        shutil.rmtree(tmp_path / "caches")
        assert self.settings(project, str(tmp_path / "caches"))[0] == 2

    def test_users_may_anywhere(self, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert check(project, "--cache-dir", "../one")[0] == 1
        assert check(project, "--config", "cache-dir = '../two'")[0] == 1
        monkeypatch.setenv(replay.VARIABLE, str(tmp_path / "three"))
        assert check(project)[0] == 1
        assert [each for each in ("one", "two", "three") if marked_folder.is_marked(str(tmp_path / each))] == ["one", "two", "three"]

    @links
    def test_the_usual_folder_may_not_be_a_link_out_of_the_project(self, project: Path, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (project / replay.FOLDER).symlink_to(tmp_path / "elsewhere")
        code, out, said = check(project)
        assert (code, out, said.count("\n")) == (2, "", 1)
        assert said.startswith(f"error: {replay.FOLDER}: the cache folder is a link that leads out of the project")
        assert files(tmp_path / "elsewhere") == {}
        assert check(project, "--no-cache")[0] == 1


class TestPlanted:
    @links
    @pytest.mark.parametrize("place", ["{version}", "{version}/{first}", "answers", "{version}/{scans}", "{version}/{entry}"])
    def test_nothing_is_written_through_a_link(self, project: Path, tmp_path: Path, place: str) -> None:
        config = Config(root=project, cache_dir=str(project / replay.FOLDER))
        expected = engine.run([project], config)
        folder = project / replay.FOLDER
        (version,) = (each for each in folder.iterdir() if each.is_dir() and len(each.name) == 24)
        (outline,) = version.rglob("*.outline")
        (scans,) = version.glob("scans-*")
        named = {"version": version.name, "first": outline.parent.name, "entry": outline.relative_to(version), "scans": scans.name}
        target = folder / place.format(**named)
        victim = tmp_path / "victim"
        if target.is_file():
            target.unlink()
            victim.write_bytes(b"mine")
        else:
            shutil.rmtree(target, ignore_errors=True)
            write(victim / "mine")
        target.symlink_to(victim)
        before = victim.read_bytes() if victim.is_file() else files(victim)
        (project / "new.py").write_text(JOB + "\n", encoding="utf-8")
        report = engine.run([project], config)
        replay._write(str(folder), "01234567", b"", time.time_ns())
        assert len(report.findings) == len(expected.findings) + 1
        assert (victim.read_bytes() if victim.is_file() else files(victim)) == before

    @links
    def test_a_mark_that_is_a_link_is_none(self, project: Path, tmp_path: Path) -> None:
        marked_folder.claim(str(tmp_path / "real"))
        (project / replay.FOLDER).mkdir()
        (project / replay.FOLDER / marked_folder.TAG).symlink_to(tmp_path / "real" / marked_folder.TAG)
        assert check(project)[0] == 2

    @fifos
    def test_fifos_and_folders_are_misses(self, project: Path) -> None:
        assert check(project)[0] == 1
        folder = project / replay.FOLDER
        for number, name in enumerate(files(folder)):
            if name not in (marked_folder.TAG, ".gitignore"):
                (folder / name).unlink()
                os.mkfifo(folder / name) if number % 2 else (folder / name).mkdir()
        assert check(project)[0] == 1

    @pytest.mark.skipif(os.name == "nt", reason="there is no replay on Windows")
    @pytest.mark.parametrize(("guesses", "age", "is_found"), [(1, 60, True), (100, 60, False), (1, 7_200, False)])
    def test_guessed_answers_are_misses(self, project: Path, guesses: int, age: int, is_found: bool) -> None:
        """A project may name many folders, each with a record that claims the same inode: one of them is likely to get it."""
        places = [project / f"c{number}" / replay.PLACE / replay._name(b"key") for number in range(guesses)]
        for place in places:
            write(place)
        inode, then = places[-1].stat().st_ino, time.time_ns() - age * 1_000_000_000
        rest = b"3 0 32 0 10 0 0\nkey" + array("q", NOTHING).tobytes() + b"1All clear"
        for place in places:
            place.write_bytes(b"%s %d %d %d\n%s" % (replay._MAGIC, zlib.crc32(rest), inode, then, rest))
            os.utime(place, ns=(then, then))
        lines = "".join(f'cache-dir = "c{number}"\n' for number in range(guesses))
        (project / "surfacelint.toml").write_text(lines, encoding="utf-8")
        assert (replay.find((str(project),), b"key") is not None) == is_found

    def test_a_small_entry_that_unpacks_to_a_huge_one_is_a_miss(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(entry_files, "LARGEST_ENTRY", 10_000)
        entries = EntryFiles(tmp_path / "cache", VERSION)
        entries.write("ab/small.outline", b"x" * 9_000)
        assert entries.read("ab/small.outline") == b"x" * 9_000
        for packed in (zlib.compress(b"x" * 1_000_000), zlib.compress(b"x" * 9_000)[:-8], b"x" * 9_000):
            name = "ab/other.outline"
            (tmp_path / "cache" / VERSION / name).write_bytes(entries._checksum(name, packed) + b"\n" + packed)
            assert entries.read(name) == b""

    def test_entries_under_another_name_are_misses(self, project: Path) -> None:
        (project / "quiet.py").write_text(QUIET, encoding="utf-8")
        config = Config(root=project, cache_dir=str(project / replay.FOLDER))
        expected = engine.run([project], config).findings
        assert len(expected) == 1
        swapped = 0
        for kind in ("outline", "bodies"):
            one, other = [*(project / replay.FOLDER).rglob(f"*.{kind}"), None, None][:2]
            if one is not None and other is not None:
                swapped += 1
                data = one.read_bytes()
                one.write_bytes(other.read_bytes())
                other.write_bytes(data)
        assert swapped
        for path in (project / replay.FOLDER).rglob("*.outcome"):
            path.unlink()
        assert engine.run([project], config).findings == expected
        assert engine.run([project], config).findings == expected

    def test_an_entry_of_another_version_or_kind_is_a_miss(self, project: Path) -> None:
        one, two = (Store.open(project / "cache", project, version) for version in ("one", "two"))
        one.files.write("ab/cd.outline", b"data")
        two.files.write("ab/ef.outline", b"other")
        assert one.files.read("ab/cd.outline") == b"data"
        cache = project / "cache"
        shutil.copy(cache / "one" / "ab" / "cd.outline", cache / "two" / "ab" / "cd.outline")
        shutil.copy(cache / "one" / "ab" / "cd.outline", cache / "one" / "ab" / "cd.bodies")
        assert two.files.read("ab/cd.outline") == b""
        assert one.files.read("ab/cd.bodies") == b""
