"""Reads the pages of the documentation, and does what they say: saves the files that they show, runs their commands, compares the output.

Pages say a little about their tests:

- A block with `title="path"` is a file, which later blocks of the page find there. A page with such blocks begins in an empty folder.
- `<!-- project: examples -->` in a page: its commands run in a copy of that folder, which is a git repository with one commit.
- Commands of other pages run in a small project of their own, which is a repository, too. See `sample`.
- A line `…` in the output of a command stands for any lines.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import doors
import yaml

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ALL = [
    *sorted(doors.REPOSITORY.glob("*.md")),
    *sorted(doors.REPOSITORY.glob("docs/*.md")),
    *sorted(doors.REPOSITORY.glob("docs/providers/*.md")),
]
"""All pages but those of the rules, whose programs `test_rule_pages.py` checks."""

EXPORTS = {"usage.csv": "openai_usage.csv", "cost.csv": "openai_cost.csv", "spans.jsonl": "spans.jsonl"}
LOOP = """\
from openai import OpenAI

client = OpenAI()


def run(reviews):
    for review in reviews:
        client.responses.create(model="gpt-5-mini", input=review)
"""

INSTALLERS = ("pip install", "pip install --quiet", "python3 -m venv", "source")
"""Commands that install something. Their extras are looked up; the tests marked `slow` install."""

START_UP = ("eval ", "_SURFACELINT_COMPLETE=")
"""Lines for the start-up files of shells, which `test_integrations.py` gives to each shell."""

ABSENT = ("aider", "reviewdog", "dask")
"""Programs of others, in whose place something runs that reads its input and does nothing."""

LONG = ("python scripts/", "python -m benchmarks", "surfacelint review --repositories")
"""Commands that take long or need data. Their options are looked up in the help."""

CHECKS = re.findall(r"^ *step (.+)$", (doors.REPOSITORY / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
"""Commands that check this repository, which `.ci/run` runs."""

_BLOCK = re.compile(r'^( *)```(\w+)(?: title="([^"]+)")?\n(.*?)^\1```$', re.MULTILINE | re.DOTALL)
_PROJECT = re.compile(r"^<!-- project: (\S+) -->$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code: its language, the path of the file that it is (or nothing), and its text without the indentation of a list."""

    language: str
    path: str
    text: str


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page, from top to bottom."""
    return blocks_of(page.read_text(encoding="utf-8"))


def blocks_of(text: str) -> list[Block]:
    """Return the blocks of a part of a page."""
    found = _BLOCK.findall(text)
    return [Block(language, path, re.sub(f"^{indent}", "", text, flags=re.MULTILINE)) for indent, language, path, text in found]


def texts(page: str, language: str) -> list[str]:
    """Return the texts of the blocks of a page in one language. The page is given by its path in the repository."""
    return [block.text for block in blocks(doors.REPOSITORY / page) if block.language == language]


def reader(page: Path, folder: Path) -> Reader:
    """Return a reader in the folder where a page begins, which is made."""
    named = _PROJECT.search(page.read_text(encoding="utf-8"))
    if named:
        shutil.copytree(doors.REPOSITORY / named[1], folder, ignore=shutil.ignore_patterns("__pycache__"))
    elif any(block.path for block in blocks(page)):
        folder.mkdir()
    else:
        sample(folder)
    return Reader(folder)


def sample(folder: Path) -> None:
    """Make a project with what the pages mention: code, notes, exports, reviews, and the examples."""
    shutil.copytree(doors.REPOSITORY / "examples", folder / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in {"pyproject.toml": "", "src/job.py": LOOP + "\n" * 40, "jobs/night.py": LOOP, "draft.py": LOOP}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for name, export in EXPORTS.items():
        shutil.copyfile(doors.REPOSITORY / "tests" / "usage_exports" / export, folder / name)
    (folder / "reviews").mkdir()
    arguments = ("--repository", "shop", "--output-format", "json", "-o", "reviews/shop.json")
    assert doors.surfacelint(folder, "review", *arguments, "src").returncode == 0


@dataclass(slots=True)
class Reader:
    """Follows the blocks of a page in a folder. `git` says whether the folder is a repository yet."""

    folder: Path
    git: bool = field(default=False, init=False)

    def follow(self, block: Block) -> None:
        """Save, check or run a block. Raises AssertionError or an error of a parser."""
        if block.path:
            path = self.folder / block.path
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        match block.language:
            case "console":
                for command, output in transcript(block.text):
                    self.run(command, output)
            case "sh" | "powershell":
                for command in lines(block.text):
                    self.run(command)
            case "python":
                compile(block.text, block.path or "block", "exec", dont_inherit=True)
            case "toml":
                tomllib.loads(block.text)
            case "json":
                json.loads(block.text)
            case "yaml":
                assert yaml.safe_load(block.text)

    def run(self, command: str, output: str | None = None) -> None:
        """Run the parts of a command line, and compare the output with what the page shows, if it shows any."""
        for part in re.split(r" && ", re.sub(r"\.venv[/\\](?:bin|Scripts)[/\\]", "", command).replace("py -m venv", "python3 -m venv")):
            printed = self.printed(part.strip())
            assert output is None or printed is None or shows(output, printed), printed

    def printed(self, command: str) -> str | None:
        """Run a command and return what it prints, or nothing if it is only looked up."""
        words = shlex.split(command, comments=True)
        if command.startswith(INSTALLERS):
            assert set(re.findall(r"\[(\w+)\]", command)) <= extras()
            return None
        if command.startswith(LONG):
            assert_options(words)
            return None
        if command.startswith(START_UP):
            return None
        if any(f"{check} ".startswith(f"{shlex.join(words)} ") for check in CHECKS):
            return None
        self.make_repository()
        if words[0] == "surfacelint" and not re.search(r"[|<>$*]", command):
            done = doors.surfacelint(self.folder, *words[1:])
        elif os.name == "nt":
            return None
        else:
            done = self.shell(command)
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    def shell(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a shell that finds this Python and its programs first."""
        programs = self.folder.parent / "programs"
        if not programs.exists():
            programs.mkdir()
            for name in ABSENT:
                (programs / name).write_text("#!/bin/sh\ncat > /dev/null\n", encoding="utf-8")
                (programs / name).chmod(0o755)
        path = os.pathsep.join((os.fspath(programs), os.fspath(Path(sys.executable).parent), os.environ["PATH"]))
        variables = {**os.environ, "PATH": path}
        return subprocess.run(
            command,
            shell=True,
            cwd=self.folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def make_repository(self) -> None:
        """Commit what is in the folder, as `main` and as `origin/main`, before its first command."""
        if not self.git:
            self.git = True
            sandbox = doors.Sandbox(self.folder)
            sandbox.commit(self.folder)
            assert sandbox.run(self.folder, "git", "update-ref", "refs/remotes/origin/main", "HEAD").returncode == 0


def transcript(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield the commands of a console, each with its output if any is shown."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output or None


def lines(text: str) -> Iterator[str]:
    """Yield the commands of a script. One with an open quote goes on in the next line."""
    command = ""
    for line in text.splitlines():
        command += line
        try:
            shlex.split(command, comments=True)
        except ValueError:
            command += "\n"
        else:
            yield command
            command = ""
    assert not command


def shows(shown: str, printed: str) -> bool:
    """Whether a page shows what a command prints, up to `…` for any lines."""
    pattern = "".join(r"(?:.*\n)*" if line == "…" else re.escape(f"{line}\n") for line in shown.splitlines())
    return re.fullmatch(pattern, printed) is not None


@cache
def extras() -> set[str]:
    """Return the extras of this package."""
    metadata = tomllib.loads((doors.REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    return set(metadata["project"]["optional-dependencies"])


def assert_options(words: list[str]) -> None:
    """Look up the options of a command in its help."""
    options = [word for word in words if re.fullmatch(r"--?[a-z][\w-]*", word) and word != "-m"]
    shown = help_of(tuple(words[: words.index(options[0])] if options else words))
    assert [option for option in options if option not in shown] == []


@cache
def help_of(command: tuple[str, ...]) -> str:
    """Return the help of a script, a module or `surfacelint`."""
    arguments = command[1:] if command[0] == "python" else ("-m", *command)
    done = subprocess.run([sys.executable, *arguments, "--help"], cwd=doors.REPOSITORY, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
