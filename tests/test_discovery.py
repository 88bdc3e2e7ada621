"""From paths to files: what is listed, what is left out, what is said about paths that yield nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from surfacelint.project import file_discovery
from surfacelint.project.file_discovery import Discovery, discover, nearby

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
needs_links = pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")

Tree = Callable[..., Path]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a function that makes empty files under a directory and returns it."""

    def make(*files: str) -> Path:
        for file in files:
            path = tmp_path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("", encoding="utf-8")
        return tmp_path

    return make


def names(discovery: Discovery | Iterable[Path], root: Path) -> list[str]:
    files = discovery.files if isinstance(discovery, Discovery) else discovery
    return [path.relative_to(root).as_posix() for path in files]


def git(root: Path, *arguments: str) -> None:
    subprocess.run(("git", "-C", str(root), *arguments), check=True, capture_output=True)


def test_lists_python_and_notebooks_sorted(tree: Tree) -> None:
    root = tree("b.py", "a/z.py", "a/n.ipynb", "a/data.json", "README.md", "stub.pyi")
    assert names(discover([root]), root) == ["a/n.ipynb", "a/z.py", "b.py"]


def test_overlapping_paths_list_a_file_once(tree: Tree) -> None:
    root = tree("a/x.py")
    found = discover([root, root / "a", root / "a" / "x.py", str(root / "a" / ".." / "a" / "x.py")])
    assert names(found, root) == ["a/x.py"]
    assert found.errors == ()


def test_missing_path_is_a_sentence(tree: Tree) -> None:
    root = tree("a.py")
    found = discover([root / "gone.py", root / "a.py"])
    assert found.errors == (f"{root / 'gone.py'} does not exist",)
    assert names(found, root) == ["a.py"]


def test_directory_without_python_is_a_sentence(tree: Tree) -> None:
    root = tree("docs/readme.txt")
    assert discover([root / "docs"]) == Discovery((), (f"no Python files under {root / 'docs'}",))


def test_default_excludes(tree: Tree) -> None:
    root = tree(
        "node_modules/gyp/a.py",
        "__pycache__/a.py",
        ".tox/py/a.py",
        ".history/app_20260501.py",
        "lib/site-packages/x.py",
        "x.egg-info/a.py",
        "docs/_build/conf.py",
        "build/kept.py",
        "dist/kept.py",
        "app.py",
    )
    assert names(discover([root]), root) == ["app.py", "build/kept.py", "dist/kept.py"]


def test_virtual_environments_are_left_out(tree: Tree) -> None:
    root = tree("my-tools/pyvenv.cfg", "my-tools/a.py", "anaconda/conda-meta/history", "anaconda/a.py", ".venv/a.py", "env/a.py", "app.py")
    assert names(discover([root]), root) == ["app.py"]


def test_a_package_called_env_is_code(tree: Tree) -> None:
    root = tree("env/__init__.py", "env/settings.py")
    assert names(discover([root]), root) == ["env/__init__.py", "env/settings.py"]


def test_what_lies_above_the_asked_path_excludes_nothing(tree: Tree) -> None:
    root = tree("venv/project/a.py")
    assert names(discover([root / "venv" / "project"]), root) == ["venv/project/a.py"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("gen", ["a_pb2.py", "src/a.py"]),
        ("*_pb2.py", ["gen/deep/c.py", "src/a.py", "src/gen/b.py"]),
        ("src/gen", ["a_pb2.py", "gen/deep/c.py", "src/a.py"]),
        ("./src/gen/", ["a_pb2.py", "gen/deep/c.py", "src/a.py"]),
        ("src/**", ["a_pb2.py", "gen/deep/c.py"]),
        ("**/gen/*.py", ["a_pb2.py", "src/a.py"]),
        ("gen/**/c.py", ["a_pb2.py", "src/a.py", "src/gen/b.py"]),
        ("/gen", ["a_pb2.py", "src/a.py", "src/gen/b.py"]),
    ],
)
def test_exclude_patterns(tree: Tree, pattern: str, left: list[str]) -> None:
    root = tree("src/a.py", "src/gen/b.py", "gen/deep/c.py", "a_pb2.py")
    assert names(discover([root], [pattern], root=root), root) == left


def test_exclude_is_relative_to_the_root(tree: Tree) -> None:
    root = tree("src/a.py", "src/gen/b.py")
    assert names(discover([root / "src"], ["src/gen"], root=root), root) == ["src/a.py"]
    assert names(discover([root], ["gen/*"], root=root / "src"), root) == ["src/a.py"]
    assert names(discover([root], [str(root / "src" / "gen")], root=root), root) == ["src/a.py"]


def test_a_named_file_is_taken_unless_forced(tree: Tree) -> None:
    root = tree("gen/a.py", "run")
    assert names(discover([root / "gen" / "a.py", root / "run"], ["gen"], root=root), root) == ["gen/a.py", "run"]
    assert names(discover([root / "gen" / "a.py", root / "run"], ["gen"], root=root, force=True), root) == ["run"]


@needs_links
def test_link_loops_are_not_followed(tree: Tree) -> None:
    root = tree("pkg/a.py")
    (root / "pkg" / "again").symlink_to(root / "pkg")
    (root / "pkg" / "self.py").symlink_to(root / "pkg" / "self.py")
    (root / "pkg" / "nowhere.py").symlink_to(root / "gone.py")
    (root / "pkg" / "linked.py").symlink_to(root / "pkg" / "a.py")
    assert names(discover([root]), root) == ["pkg/a.py", "pkg/linked.py"]
    assert discover([root / "pkg" / "self.py"]).errors == (f"{root / 'pkg' / 'self.py'} is neither a file nor a directory",)


@needs_links
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_forbidden_directory_is_a_sentence(tree: Tree) -> None:
    root = tree("a.py", "closed/b.py")
    (root / "closed").chmod(0)
    try:
        found = discover([root])
    finally:
        (root / "closed").chmod(0o700)
    assert names(found, root) == ["a.py"]
    assert found.errors == (f"cannot list {root / 'closed'}: Permission denied",)


@needs_git
def test_git_ignored_files_are_left_out(tree: Tree) -> None:
    root = tree("kept.py", "new.py", "ignored.py", "out/made.py", "deleted.py", "tools/pyvenv.cfg", "tools/a.py", "sub/x.py")
    (root / ".gitignore").write_text("ignored.py\nout/\n", encoding="utf-8")
    git(root, "init", "-q")
    git(root, "add", "kept.py", "deleted.py")
    (root / "deleted.py").unlink()
    assert names(discover([root]), root) == ["kept.py", "new.py", "sub/x.py"]
    assert names(discover([root / "sub"]), root) == ["sub/x.py"]
    assert names(discover([root], ["sub"], root=root), root) == ["kept.py", "new.py"]


@needs_git
def test_an_ignored_directory_that_is_named_is_walked(tree: Tree) -> None:
    root = tree("kept.py", "out/made.py")
    (root / ".gitignore").write_text("out/\n", encoding="utf-8")
    git(root, "init", "-q")
    assert names(discover([root / "out"]), root) == ["out/made.py"]


@needs_git
def test_only_ignored_python_is_no_python(tree: Tree) -> None:
    root = tree("web/made.py")
    (root / ".gitignore").write_text("*.py\n", encoding="utf-8")
    git(root, "init", "-q")
    assert discover([root / "web"]) == Discovery((), (f"no Python files under {root / 'web'}",))


@needs_git
def test_repositories_inside_of_a_repository(tree: Tree) -> None:
    root = tree("a.py", "clone/b.py", "module/c.py", "module/ignored.py")
    (root / "module" / ".gitignore").write_text("ignored.py\n", encoding="utf-8")
    (root / ".gitmodules").write_text('[submodule "m"]\n\tpath = module\n\turl = ./m\n', encoding="utf-8")
    for repository in (root / "clone", root / "module", root):
        git(repository, "init", "-q")
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false")
    git(root / "module", "add", "c.py")
    git(root / "module", *identity, "commit", "-q", "-m", "c")
    git(root, "add", "a.py", "module", ".gitmodules")
    assert names(discover([root]), root) == ["a.py", "clone/b.py", "module/c.py"]


@needs_git
def test_git_of_a_hook_does_not_mislead(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree("pkg/a.py", "pkg/ignored.py")
    (root / ".gitignore").write_text("ignored.py\n", encoding="utf-8")
    git(root, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(root / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(root / "elsewhere" / "index"))
    assert names(discover([root / "pkg"]), root) == ["pkg/a.py"]


@needs_git
@needs_links
def test_no_program_of_the_repository_is_run(tree: Tree) -> None:
    root = tree("a.py")
    git(root, "init", "-q")
    monitor = root / "monitor.sh"
    monitor.write_text(f"#!/bin/sh\ntouch {root / 'ran'}\n", encoding="utf-8")
    monitor.chmod(0o755)
    git(root, "config", "core.fsmonitor", str(monitor))
    assert names(discover([root]), root) == ["a.py"]
    assert not (root / "ran").exists()


def test_without_git_directories_are_walked(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree("a.py", ".git/HEAD", "sub/b.py")
    monkeypatch.setenv("PATH", str(root))
    assert names(discover([root]), root) == ["a.py", "sub/b.py"]


def test_a_broken_repository_is_walked(tree: Tree) -> None:
    root = tree("a.py", ".git/HEAD")
    assert names(discover([root]), root) == ["a.py"]


def test_nearby_is_bounded(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_discovery, "LOOSE_DIRECTORIES", 20)
    root = tree("run.py", *(f"d{number:03}/a.py" for number in range(25)))
    found = nearby(root)
    assert not found.complete
    assert found.files[-1] == root / "run.py"
    assert len(found.files) == 20
    assert nearby(root / "d000").complete


def test_git_that_does_not_answer_is_said(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree("src/a.py", "gen/b.py")
    monkeypatch.chdir(root)
    (root / ".git").mkdir()
    assert discover(["src"]).warnings == ()
    (root / ".gitignore").write_text("gen/\n", encoding="utf-8")
    said = "git is missing or fails there, so ignored files are checked, too; see `git -C {} status`"
    assert discover(["src"]).warnings == (f"src: {said.format('src')}",)
    found = discover(["."])
    assert (names(found, root), found.warnings) == (["gen/b.py", "src/a.py"], (f".: {said.format('.')}",))
