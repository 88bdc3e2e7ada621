"""The module that fixes add is where the program that needs it can import it, and is extended but never overwritten."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from doors import REPOSITORY

HELPER = """\
from openai import OpenAI

client = OpenAI()


def ask(text):
    return client.responses.create(model="gpt-5-mini", input=text).output_text
"""
LOOP = """\
{imported}


def main(texts):
    for text in texts:
        print(ask(text))


main([])
"""
FROM_SHOP = LOOP.format(imported="from shop.llm import ask")
FROM_HERE = LOOP.format(imported="from llm import ask")
FIX = ("check", ".", "--no-cache", "--isolated", "--fix", "--unsafe-fixes")


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder, with surfacelint as it is in this checkout."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OPENAI_API_KEY": "none"}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("files", "start", "module"),
    [
        ({"llm.py": HELPER, "job.py": LOOP.format(imported="from llm import ask")}, ("job.py",), "llm_batch.py"),
        (
            {"shop/__init__.py": "", "shop/llm.py": HELPER, "shop/jobs/__init__.py": "", "shop/jobs/job.py": FROM_SHOP},
            ("-m", "shop.jobs.job"),
            "shop/llm_batch.py",
        ),
        (
            {"shop/__init__.py": "", "shop/llm.py": HELPER, "shop/job.py": LOOP.format(imported="from .llm import ask")},
            ("-m", "shop.job"),
            "shop/llm_batch.py",
        ),
        ({"shop/llm.py": HELPER, "shop/job.py": FROM_SHOP}, ("-m", "shop.job"), "llm_batch.py"),
        ({"scripts/llm.py": HELPER, "scripts/job.py": FROM_HERE}, ("scripts/job.py",), "scripts/llm_batch.py"),
    ],
    ids=["scripts", "package", "relative", "namespace", "folder of scripts"],
)  # fmt: skip
def test_the_program_can_import_the_module(files: dict[str, str], start: tuple[str, ...], module: str, tmp_path: Path) -> None:
    write(tmp_path, files)
    done = run(tmp_path, "-m", "surfacelint", *FIX)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / module).exists()
    assert [path.name for path in tmp_path.rglob("*_batch.py")] == ["llm_batch.py"]
    started = run(tmp_path, *start)
    assert (started.returncode, started.stderr) == (0, "")


def test_the_setting_names_the_module(tmp_path: Path) -> None:
    write(tmp_path, {"app/__init__.py": "", "app/llm.py": HELPER, "app/job.py": LOOP.format(imported="from app.llm import ask")})
    done = run(tmp_path, "-m", "surfacelint", *FIX, "--batch-module", "app.batches")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "app" / "batches.py").exists()
    assert run(tmp_path, "-m", "app.job").returncode == 0


def test_a_package_that_does_not_exist_is_no_place(tmp_path: Path) -> None:
    write(tmp_path, {"llm.py": HELPER, "job.py": LOOP.format(imported="from llm import ask")})
    found = run(
        tmp_path, "-m", "surfacelint", "check", ".", "--no-cache", "--isolated", "--output-format=json", "--batch-module", "app.batches"
    )
    [finding] = json.loads(found.stdout)
    assert "batch-module" in finding["refusal"]


def test_a_later_fix_extends_the_module(tmp_path: Path) -> None:
    write(tmp_path, {"llm.py": HELPER, "job.py": LOOP.format(imported="from llm import ask")})
    assert run(tmp_path, "-m", "surfacelint", *FIX).returncode == 0
    assert "def prepared(" not in (tmp_path / "llm_batch.py").read_text(encoding="utf-8")
    write(tmp_path, {"all.py": "from llm import ask\n\n\ndef summaries(texts):\n    return [ask(text) for text in texts]\n"})
    assert run(tmp_path, "-m", "surfacelint", *FIX).returncode == 0
    assert "def prepared(" in (tmp_path / "llm_batch.py").read_text(encoding="utf-8")


def test_an_edited_module_is_not_overwritten(tmp_path: Path) -> None:
    write(tmp_path, {"llm.py": HELPER, "job.py": LOOP.format(imported="from llm import ask")})
    assert run(tmp_path, "-m", "surfacelint", *FIX).returncode == 0
    module = tmp_path / "llm_batch.py"
    edited = module.read_text(encoding="utf-8") + "\nOURS = True\n"
    write(
        tmp_path,
        {"llm_batch.py": edited, "all.py": "from llm import ask\n\n\ndef summaries(texts):\n    return [ask(text) for text in texts]\n"},
    )
    done = run(tmp_path, "-m", "surfacelint", *FIX)
    assert done.returncode == 1
    assert "has been edited" in done.stdout
    assert module.read_text(encoding="utf-8") == edited
