"""Edits a copy of a project at random, and compares a run with the cache of all earlier runs with a run without one, byte for byte.

    python scripts/compare_cache.py FOLDER... [--edits 2000] [--seed 1] [--every 1]

The edits are those that people make: lines in functions, signatures, renamed and moved functions, new, deleted and renamed files, imports,
settings, switches between branches, and edits of the same length whose file keeps its modification time. `--every N` compares after every
Nth edit, for large projects. Stops at the first difference, keeps the folder and exits with status 1.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_LINES = (
    "probe = 1",
    "print('edited')",
    "for probe in [1, 2, 3]:\n    print(probe)",
    "import json",
    "if False:\n    raise ValueError",
    "# a comment",
    "probe = [each for each in range(200)]",
)
"""Statements that an edit adds, as a person would while trying something."""

_JOB = """from openai import OpenAI

client = OpenAI()


def job_{number}(texts):
    for text in texts:
        print(client.responses.create(model="gpt-5-mini", input=text))
"""

_SETTINGS = ("", "min-items = 5\n", "min-items = 1000\n", 'ignore = ["SRF101"]\n', "check-tests = true\n")


@dataclass(slots=True)
class Editor:
    """Edits the Python files of a folder. `history` describes the edits so far."""

    root: Path
    chance: random.Random
    history: list[str] = field(default_factory=list)
    _made: int = 0
    _branch: dict[Path, bytes] = field(default_factory=dict)

    def edit(self) -> None:
        """Make one edit. One that would leave a file that does not compile is not made, and another is tried."""
        kinds: tuple[Callable[[], str], ...] = (
            self.add_line,
            self.add_line,
            self.remove_line,
            self.change_number,
            self.keep_length_and_time,
            self.change_signature,
            self.rename_function,
            self.move_function,
            self.new_file,
            self.delete_file,
            self.rename_file,
            self.change_settings,
            self.switch_branch,
        )
        told = ""
        while not told:
            told = self.chance.choice(kinds)()
        self.history.append(told)

    def files(self) -> list[Path]:
        """Return the Python files, sorted."""
        return sorted(path for path in self.root.rglob("*.py") if ".surfacelint_cache" not in path.parts)

    def _file(self) -> tuple[Path, str]:
        files = self.files()
        path = self.chance.choice(files) if files else self._new()
        return path, path.read_text(encoding="utf-8", errors="surrogateescape")

    def _new(self) -> Path:
        self._made += 1
        path = self.root / f"added_{self._made}.py"
        path.write_text(_JOB.format(number=self._made), encoding="utf-8")
        return path

    def _write(self, path: Path, text: str, told: str) -> str:
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            return ""
        path.write_text(text, encoding="utf-8", errors="surrogateescape")
        return f"{told} {path.relative_to(self.root)}"

    def _function(self, text: str) -> ast.FunctionDef | None:
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            return None
        found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        return self.chance.choice(found) if found else None

    def add_line(self) -> str:
        """Add a statement at the start of a function."""
        path, text = self._file()
        function = self._function(text)
        if function is None:
            return ""
        first = function.body[0]
        lines = text.splitlines(keepends=True)
        indent = " " * first.col_offset
        added = "".join(f"{indent}{line}\n" for line in self.chance.choice(_LINES).split("\n"))
        lines.insert(first.lineno - 1, added)
        return self._write(path, "".join(lines), "added a line in")

    def remove_line(self) -> str:
        """Remove a line."""
        path, text = self._file()
        lines = text.splitlines(keepends=True)
        if not lines:
            return ""
        del lines[self.chance.randrange(len(lines))]
        return self._write(path, "".join(lines), "removed a line from")

    def change_number(self) -> str:
        """Change a digit."""
        path, text = self._file()
        places = [number for number, character in enumerate(text) if character.isdecimal() and character.isascii()]
        if not places:
            return ""
        place = self.chance.choice(places)
        return self._write(path, f"{text[:place]}{self.chance.randrange(1, 10)}{text[place + 1 :]}", "changed a number in")

    def keep_length_and_time(self) -> str:
        """Change a letter of a name, and restore the time of the file."""
        path, text = self._file()
        before = path.stat()
        places = [number for number, character in enumerate(text) if character.islower() and character.isascii()]
        if not places:
            return ""
        place = self.chance.choice(places)
        told = self._write(path, f"{text[:place]}{self.chance.choice('aeiou')}{text[place + 1 :]}", "changed a letter at the same time in")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return told

    def change_signature(self) -> str:
        """Add a parameter with a default."""
        path, text = self._file()
        function = self._function(text)
        if function is None:
            return ""
        lines = text.splitlines(keepends=True)
        line = lines[function.lineno - 1]
        lines[function.lineno - 1] = line.replace("):", f"{', ' if '()' not in line else ''}limit=3):", 1)
        return (
            self._write(path, "".join(lines), f"changed the signature of {function.name} in") if lines[function.lineno - 1] != line else ""
        )

    def rename_function(self) -> str:
        """Rename a function where it is defined, and leave its callers as they are."""
        path, text = self._file()
        function = self._function(text)
        return (
            "" if function is None else self._write(path, text.replace(f"def {function.name}(", f"def {function.name}_(", 1), "renamed in")
        )

    def move_function(self) -> str:
        """Move a function at the top level to another file."""
        path, text = self._file()
        function = self._function(text)
        other, target = self._file()
        if function is None or function.col_offset or other == path or function.end_lineno is None:
            return ""
        lines = text.splitlines(keepends=True)
        first = min([function.lineno, *(each.lineno for each in function.decorator_list)]) - 1
        moved = "".join(lines[first : function.end_lineno])
        if not self._write(other, f"{target}\n\n{moved}\n", "moved to"):
            return ""
        return self._write(path, "".join(lines[:first] + lines[function.end_lineno :]), f"moved {function.name} to {other.name} from")

    def new_file(self) -> str:
        """Add a file with a loop over requests."""
        return f"added {self._new().name}"

    def delete_file(self) -> str:
        """Delete a file, unless few are left."""
        files = self.files()
        if len(files) < 5:
            return ""
        path = self.chance.choice(files)
        path.unlink()
        return f"deleted {path.relative_to(self.root)}"

    def rename_file(self) -> str:
        """Rename a file, and leave its importers as they are."""
        files = self.files()
        if not files:
            return ""
        path = self.chance.choice(files)
        self._made += 1
        path.rename(path.with_name(f"{path.stem}_{self._made}.py"))
        return f"renamed {path.relative_to(self.root)}"

    def change_settings(self) -> str:
        """Replace the settings."""
        chosen = self.chance.choice(_SETTINGS)
        (self.root / "surfacelint.toml").write_text(chosen, encoding="utf-8")
        return f"set {chosen!r}"

    def switch_branch(self) -> str:
        """Put back all files as they were at the last switch, as a switch to another branch does."""
        now = {path: path.read_bytes() for path in self.files()}
        for path in now.keys() - self._branch.keys() if self._branch else ():
            path.unlink()
        for path, content in self._branch.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self._branch = now
        return "switched to the other branch"


Run = Callable[[Path, Sequence[str]], str]
"""Runs the command line in a folder with some arguments, and returns what it printed, with its exit status."""


def run(folder: Path, arguments: Sequence[str]) -> str:
    """Run the command line in a process of its own."""
    command = [sys.executable, "-m", "surfacelint", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    return f"{done.stdout}{done.stderr}{done.returncode}"


def compare(editor: Editor, cached: Path, edits: int, every: int = 1, run: Run = run) -> str:
    """Make edits, and return the first difference between a run with the cache and one without, empty if there is none."""
    check = ("check", "--output-format", "json", ".")
    for number in range(edits):
        editor.edit()
        warm = run(editor.root, (*check, "--cache-dir", str(cached)))
        if number % every == every - 1 and warm != run(editor.root, (*check, "--no-cache")):
            return f"after {number + 1} edits, the last one: {editor.history[-1]}, the cache gives another result"
    return ""


def main() -> None:
    """Run the edits on each folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--edits", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=1)
    given = parser.parse_args()
    for folder in given.folders:
        place = Path(tempfile.mkdtemp(prefix="compare-cache-"))
        root = place / folder.name
        shutil.copytree(folder, root, ignore=shutil.ignore_patterns(".git", ".surfacelint_cache"))
        problem = compare(Editor(root, random.Random(given.seed)), place / "cache", given.edits, given.every)
        if problem:
            sys.exit(f"{root}: {problem}")
        print(f"{folder}: {given.edits} edits, no difference", flush=True)
        with suppress(OSError):
            shutil.rmtree(place)


if __name__ == "__main__":
    main()
