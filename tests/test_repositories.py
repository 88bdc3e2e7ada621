"""What git lists is looked at before it is believed: links, indexes made by hand, and submodules that lead out of the project."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import doors
import hostile
import pytest

from surfacelint.project.file_discovery import discover

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
needs_links = pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")


def repository(folder: Path, *files: str) -> Path:
    """Make a repository with files that are as good as empty."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text("x = 1\n", encoding="utf-8")
    return folder


def declare(folder: Path, *paths: str) -> None:
    """Write a `.gitmodules`."""
    text = "".join(f'[submodule "{number}"]\n\tpath = {path}\n\turl = ./x\n' for number, path in enumerate(paths))
    (folder / ".gitmodules").write_text(text, encoding="utf-8")


def names(root: Path, *below: str) -> list[str]:
    """Return what is found in a folder, relative to it; with `..` where that leads out of it."""
    found = discover([root.joinpath(*below)]).files
    assert len(set(found)) == len(found)
    return [os.path.relpath(path, root).replace(os.sep, "/") for path in found]


@needs_links
def test_an_index_made_by_hand_leads_nowhere(tmp_path: Path) -> None:
    other = repository(tmp_path / "other", "secret.py", "sub/secret.py")
    root = repository(tmp_path / "project", "job.py", "pkg/a.py")
    (root / "link").symlink_to(other)
    (root / "inside").symlink_to(root / "pkg")
    leading_out = ["../other/secret.py", f"{other}/secret.py", "link/secret.py", "link/sub/secret.py", "pkg/../../other/secret.py"]
    twice = ["./job.py", "pkg//a.py", "pkg/./a.py", "pkg/../job.py", "/job.py", "inside/a.py"]
    hostile.write_index(root, ["job.py", "pkg/a.py", *leading_out, *twice, "x/" * 60_000 + "a.py"])
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, encoding="utf-8", check=False)
    if "link/secret.py" not in listed.stdout.splitlines():
        pytest.skip("this git does not read such an index")
    assert names(root) == ["job.py", "pkg/a.py"]
    assert names(root, "pkg") == ["pkg/a.py"]


@needs_links
def test_submodules_lead_nowhere_else(tmp_path: Path) -> None:
    repository(tmp_path / "other", "secret.py")
    root = repository(tmp_path / "project", "job.py", "pkg/a.py")
    (root / "link").symlink_to(tmp_path / "other")
    paths = [".", "./", "..", "../project", "../other", str(tmp_path / "other"), str(root), "link", "pkg/..", "pkg", "gone", "", "/"]
    declare(root, *paths)
    assert names(root) == ["job.py", "pkg/a.py"]
    hostile.write_index(root, ["job.py", ".gitmodules"], sorted({path for path in paths if path}))
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, encoding="utf-8", check=False)
    if "../other" not in listed.stdout.splitlines():
        pytest.skip("this git does not read such an index")
    assert "secret.py" not in " ".join(names(root))


def test_a_repository_that_is_declared_twice_is_listed_once(tmp_path: Path) -> None:
    root = repository(tmp_path / "project", "job.py")
    repository(root / "module", "a.py")
    hostile.write_index(root, ["job.py", ".gitmodules", "module/a.py"], ["module"])
    declare(root, "module", "module", "./module", "module/", '"module"')
    assert names(root) == ["job.py", "module/a.py"]


def test_submodules_of_a_folder_further_down(tmp_path: Path) -> None:
    root = repository(tmp_path / "project", "job.py", "libs/own.py")
    repository(root / "libs" / "module", "a.py")
    hostile.write_index(root, ["job.py", "libs/own.py"], ["libs/module"])
    declare(root, "libs/module")
    assert names(root) == ["job.py", "libs/module/a.py", "libs/own.py"]
    assert names(root, "libs") == ["libs/module/a.py", "libs/own.py"]


@needs_links
def test_repositories_in_a_circle(tmp_path: Path) -> None:
    root = repository(tmp_path / "project", "job.py")
    inner = repository(root / "inner", "a.py")
    innermost = repository(inner / "innermost", "b.py")
    (innermost / "back").symlink_to(root)
    declare(root, "inner", "inner/innermost", "inner/innermost/back")
    declare(inner, "innermost", "innermost/back", "..")
    declare(innermost, "back", "../..", "back/inner")
    hostile.write_index(root, ["job.py"], ["inner", "inner/innermost", "inner/innermost/back"])
    hostile.write_index(innermost, ["b.py"], ["back", "back/inner"])
    assert names(root) == ["inner/a.py", "inner/innermost/b.py", "job.py"]


def test_a_file_that_declares_too_much_declares_nothing(tmp_path: Path) -> None:
    root = repository(tmp_path / "project", "job.py")
    repository(root / "module", "a.py")
    hostile.write_index(root, ["job.py"], ["module"])
    declare(root, "module")
    with (root / ".gitmodules").open("a", encoding="utf-8") as file:
        file.write(f"path = {' ' * 900_000}x\n")
    assert names(root) == ["job.py", "module/a.py"]
    with (root / ".gitmodules").open("a", encoding="utf-8") as file:
        file.write(f"path = {' ' * 900_000}x\n")
    assert names(root) == ["job.py"]


@needs_links
@pytest.mark.parametrize("kind", ["pipe", "link", "device"])
def test_what_is_no_file_declares_nothing(tmp_path: Path, kind: str) -> None:
    root = repository(tmp_path / "project", "job.py")
    repository(root / "module", "a.py")
    hostile.write_index(root, ["job.py", ".gitmodules"], ["module"])
    declare(tmp_path, "module")
    if kind == "pipe":
        os.mkfifo(root / ".gitmodules")
    else:
        (root / ".gitmodules").symlink_to(tmp_path / ".gitmodules" if kind == "link" else "/dev/zero")
    assert names(root) == ["job.py"]


@needs_links
def test_a_folder_that_is_named_through_a_link(tmp_path: Path) -> None:
    root = repository(tmp_path / "project", "pkg/a.py", "pkg/ignored.py")
    (root / ".gitignore").write_text("ignored.py\n", encoding="utf-8")
    (tmp_path / "there").symlink_to(root / "pkg")
    (root / "here").symlink_to(root / "pkg")
    assert names(tmp_path, "there") == ["there/a.py"]
    assert names(root, "here") == ["here/a.py"]


@pytest.mark.parametrize("name", ["*", "[ab]", "a b", "ä", "-x", "--", "!x", pytest.param(":(top)x", marks=needs_links)])
def test_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    if os.name == "nt" and "*" in name:
        pytest.skip("there is no such name on Windows")
    root = repository(tmp_path / "project", "a/a.py", f"{name}/b.py", f"{name}/out/c.py")
    (root / ".gitignore").write_text("out/\n", encoding="utf-8")
    assert names(root, name) == [f"{name}/b.py"]
    assert names(root, name, "out") == [f"{name}/out/c.py"]


def test_an_inner_repository_in_which_git_fails_is_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repository(tmp_path / "project", "job.py", "module/a.py", "module/pkg/b.py", "module/node_modules/c.py")
    (root / "module" / ".git").write_text("gitdir: ../.git/modules/module\n", encoding="utf-8")
    (root / "module" / ".gitignore").write_text("b.py\n", encoding="utf-8")
    declare(root, "module")
    hostile.write_index(root, ["job.py"], ["module"])
    monkeypatch.chdir(root)
    found = discover(["."])
    assert [path.relative_to(root).as_posix() for path in found.files] == ["job.py", "module/a.py", "module/pkg/b.py"]
    assert [warning.partition(":")[0] for warning in found.warnings] == [str(Path("module"))]
    assert discover(["."], ["module"]).warnings == ()


def test_code_of_a_neighbour_is_not_shown(tmp_path: Path) -> None:
    for folder in ("other", "project"):
        repository(tmp_path / folder)
    (tmp_path / "other" / "secret.py").write_text(hostile.JOB, encoding="utf-8")
    (tmp_path / "project" / "job.py").write_text(hostile.JOB, encoding="utf-8")
    declare(tmp_path / "project", "../other", ".", "./")
    hostile.write_index(tmp_path / "project", ["job.py", ".gitmodules", "../other/secret.py"], ["../other"])
    done = doors.surfacelint(tmp_path / "project", "check", "--output-format", "concise")
    assert doors.places(done.stdout) == [hostile.FOUND]
