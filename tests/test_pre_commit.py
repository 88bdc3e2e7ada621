"""The hooks under real pre-commit, which installs the package into environments of its own: this needs a package index."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from doors import Sandbox

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

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("git") is None, reason="pre-commit needs git")]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    return Sandbox(tmp_path_factory.mktemp("sandbox"))


@pytest.fixture(scope="module")
def hooks(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return sandbox.hooks(tmp_path_factory.mktemp("hooks"))


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
    places = [re.sub(r"(SRF\d+).*", r"\1", line) for line in done.stdout.splitlines() if "SRF" in line]
    assert places == found, done.stdout + done.stderr
    assert done.returncode == code


def test_try_repo(sandbox: Sandbox, hooks: tuple[Path, str], project: Path) -> None:
    done = sandbox.pre_commit(
        project, "try-repo", str(hooks[0]), "surfacelint-all", "--hook-stage=pre-push", "--files", "notes.md", "--verbose"
    )
    assert FOUND in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1


def test_a_hook_fixes(sandbox: Sandbox, hooks: tuple[Path, str], project: Path) -> None:
    hook = {"id": "surfacelint", "args": ["--fix"]}
    config = {"repos": [{"repo": str(hooks[0]), "rev": hooks[1], "hooks": [hook]}]}
    (project / ".pre-commit-config.yaml").write_text(json.dumps(config), encoding="utf-8")
    (project / "clean.py").write_text("print()  # noqa: SRF101\n", encoding="utf-8")
    done = sandbox.pre_commit(project, "run", "surfacelint", "--files", "clean.py", "job.py")
    assert "files were modified by this hook" in done.stdout, done.stdout + done.stderr
    assert FOUND in done.stdout
    assert (project / "clean.py").read_text(encoding="utf-8") == "print()\n"
    assert (project / "job.py").read_text(encoding="utf-8") == LOOP
    assert sandbox.pre_commit(project, "run", "surfacelint", "--files", "clean.py").returncode == 0
