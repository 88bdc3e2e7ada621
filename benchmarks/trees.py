"""Builds the code to measure on: wheels from the package index, pinned in `packages.txt`, and generated projects."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

PINS = Path(__file__).with_name("packages.txt")

_SUFFIXES = (".py", ".pyi", ".txt", ".md", ".json", ".toml", ".cfg", ".yml", ".yaml")
_PLATFORMS = ("any", "linux_x86_64", "manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_24_x86_64", "manylinux_2_27_x86_64")
_TARGET = ("--python-version=3.11", "--implementation=cp", "--abi=cp311", "--abi=abi3", "--abi=none", "--platform=manylinux_2_28_x86_64")

_VENDOR = """from openai import OpenAI

client = OpenAI()


def ask(text):
    return client.responses.create(model="gpt-5-mini", input=text).output_text
"""


def pinned(name: str) -> list[str]:
    """Return the pinned requirements of a tree."""
    lines = [line.split() for line in PINS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [line[0] for line in lines if name in line[1:]]


def build(name: str, folder: Path) -> Path:
    """Return the tree `name` in a folder. Downloads it if it is not complete. Raises CalledProcessError without a package index."""
    tree, done, wheels = folder / name, folder / f"{name}.complete", folder / "wheels"
    wanted = "\n".join(pinned(name))
    if done.is_file() and done.read_text(encoding="utf-8") == wanted:
        return tree
    wheels.mkdir(parents=True, exist_ok=True)
    platforms = [f"--platform={each}" for each in _PLATFORMS]
    for requirement in pinned(name):
        found = _wheel(wheels, requirement)
        if found is None:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", *_TARGET, *platforms]
            subprocess.run([*command, f"--dest={wheels}", requirement], check=True)
            found = _wheel(wheels, requirement)
        if found is None:
            raise FileNotFoundError(f"no wheel of {requirement} in {wheels}")
        with zipfile.ZipFile(found) as archive:
            for member in archive.infolist():
                top = member.filename.partition("/")[0]
                if member.filename.endswith(_SUFFIXES) and not top.endswith((".dist-info", ".data")):
                    archive.extract(member, tree)
    done.write_text(wanted, encoding="utf-8")
    return tree


def _wheel(wheels: Path, requirement: str) -> Path | None:
    name, _, version = requirement.partition("==")
    start = f"{name.replace('-', '_').replace('.', '_')}-{version}-".lower()
    return next((path for path in wheels.glob("*.whl") if path.name.lower().startswith(start)), None)


def grown(folder: Path, functions: int, depth: int = 10, nesting: int = 1) -> Path:
    """Return a generated project with call chains of `depth` functions to a request, called from loops nested `nesting` deep."""
    tree = folder / f"grown-{functions}-{depth}-{nesting}"
    if tree.is_dir():
        return tree
    tree.mkdir(parents=True)
    (tree / "pyproject.toml").write_text("[project]\nname = 'grown'\n", encoding="utf-8")
    (tree / "llm.py").write_text(_VENDOR, encoding="utf-8")
    for number in range(max(1, functions // depth)):
        lines = ["from llm import ask", "", ""]
        for step in range(depth - 1):
            inner = "ask(text)" if step == 0 else f"step_{step - 1}(text)"
            lines += [f"def step_{step}(text):", f"    return {inner}", "", ""]
        last = "ask" if depth == 1 else f"step_{depth - 2}"
        lines.append("def main(rows):")
        lines += ["    " * (level + 1) + f"for row{level} in {'rows' if not level else f'row{level - 1}'}:" for level in range(nesting)]
        lines += ["    " * (nesting + 1) + f"print({last}(row{nesting - 1}))", ""]
        (tree / f"job_{number}.py").write_text("\n".join(lines), encoding="utf-8")
    return tree


def small(folder: Path) -> Path:
    """Return a generated project of 300 files. Ten of them use a model, a typical share."""
    tree = folder / "small"
    if tree.is_dir():
        return tree
    tree.mkdir(parents=True)
    (tree / "pyproject.toml").write_text("[project]\nname = 'small'\n", encoding="utf-8")
    (tree / "llm.py").write_text(_VENDOR, encoding="utf-8")
    job = "from llm import ask\n\n\ndef main(questions):\n    for question in questions:\n        print(ask(question))\n"
    other = "import json\n\n\nclass Store:\n    def load(self, file):\n        return [json.loads(line) for line in file]\n"
    for number in range(299):
        (tree / f"module_{number}.py").write_text(job if number < 9 else other * 5, encoding="utf-8")
    return tree
