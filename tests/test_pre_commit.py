"""The hooks under real pre-commit, which installs the package into environments of its own: this needs a package index."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PACKAGED = ("surfacelint", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
LOOP = """\
from openai import OpenAI

client = OpenAI()


def run(reviews):
    for review in reviews:
        client.responses.create(model="gpt-5-mini", input=review)
"""
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": ["Reviews"]},
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": LOOP.splitlines(keepends=True)},
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}
FOUND = "job.py:8:9: SRF101"

pytestmark = pytest.mark.slow


class Sandbox:
    """A place where git and pre-commit know nothing of the user's own settings and caches."""

    def __init__(self, folder: Path) -> None:
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT", "PYTHON"))},
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@example.org",
            "PRE_COMMIT_HOME": str(folder / "pre-commit"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    def run(self, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=folder, env=self.environment, capture_output=True, encoding="utf-8", check=False)

    def pre_commit(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(folder, sys.executable, "-m", "pre_commit", *arguments, "--color=never")

    def commit(self, folder: Path) -> str:
        """Make a repository of a folder with all that is in there, and return the commit."""
        for command in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message=all")):
            assert self.run(folder, "git", *command).returncode == 0
        return self.run(folder, "git", "rev-parse", "HEAD").stdout.strip()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    return Sandbox(tmp_path_factory.mktemp("sandbox"))


@pytest.fixture(scope="module")
def hooks(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a repository of the hooks as they are in this checkout, committed or not, and its commit."""
    folder = tmp_path_factory.mktemp("hooks")
    for name in PACKAGED:
        if (REPOSITORY / name).is_dir():
            shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(REPOSITORY / name, folder / name)
    return folder, sandbox.commit(folder)


@pytest.fixture
def project(hooks: tuple[Path, str], sandbox: Sandbox, tmp_path: Path) -> Path:
    folder, revision = hooks
    (tmp_path / "generated").mkdir()
    (tmp_path / "job.py").write_text(LOOP, encoding="utf-8")
    (tmp_path / "clean.py").write_text("print()\n", encoding="utf-8")
    (tmp_path / "generated" / "job.py").write_text(LOOP, encoding="utf-8")
    (tmp_path / "book.ipynb").write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    (tmp_path / "notes.md").write_text("client.responses.create\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.surfacelint]\noutput-format = "concise"\nexclude = ["generated"]\n', encoding="utf-8")
    (tmp_path / ".pre-commit-config.yaml").write_text(
        json.dumps({"repos": [{"repo": str(folder), "rev": revision, "hooks": [{"id": "surfacelint"}, {"id": "surfacelint-all"}]}]}),
        encoding="utf-8",
    )
    sandbox.commit(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "found"),
    [
        (("surfacelint", "--files", "job.py"), 1, [FOUND]),
        (("surfacelint", "--files", "clean.py"), 0, []),
        (("surfacelint", "--files", "generated/job.py"), 0, []),
        (("surfacelint", "--files", "notes.md"), 0, []),
        (("surfacelint", "--files", "book.ipynb"), 1, ["book.ipynb:cell 2:8:9: SRF101"]),
        (("surfacelint", "--all-files"), 1, ["book.ipynb:cell 2:8:9: SRF101", FOUND]),
        (("surfacelint-all", "--hook-stage=manual", "--files", "notes.md"), 1, ["book.ipynb:cell 2:8:9: SRF101", FOUND]),
    ],
)
def test_hook(sandbox: Sandbox, project: Path, arguments: tuple[str, ...], code: int, found: list[str]) -> None:
    done = sandbox.pre_commit(project, "run", *arguments)
    assert [line.partition(" client")[0] for line in done.stdout.splitlines() if "SRF" in line] == found, done.stdout + done.stderr
    assert done.returncode == code


def test_try_repo(sandbox: Sandbox, hooks: tuple[Path, str], project: Path) -> None:
    done = sandbox.pre_commit(project, "try-repo", str(hooks[0]), "surfacelint", "--all-files", "--verbose")
    assert FOUND in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1
