"""Random edits of open documents, and what `check` finds in the same code: the server must always show exactly that."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

from editor import Editor, Row, checked
from lsprotocol import types
from pygls.uris import to_fs_path
from server_projects import FILES, JOB, LLM, WIDE

LINES = (
    "",
    "from llm import ask",
    "import llm as other",
    "for line in open('lines'):",
    "    print('🦉', ask(line), 'é')",
    "        other.ask(line)",
    "def main(rows):",
    "    for row in rows:",
    "        print(ask(row))  # surfacelint: volume=100/day",
    "        ask(row)  # noqa: SRF101",
    "    return [ask(row) for row in rows]",
    "ask = len",
    "x = '\x0c\u2028'",
    "'''",
    "class Reviewer:",
    "    def ask(self, text): return client.responses.create(model='m', input=text)",
    "# surfacelint: ignore-file[SRF101]",
    "(",
)
"""Lines that make and unmake findings, suppress them, hide them in strings, and break the code."""

WORDS = ("a", " ", "\n", "\r\n", "🦉", "é", "(", ")", "'", "#", "ask", "\t", "    ", ":", "\r")

TEXTS = (JOB, WIDE, LLM, "", JOB.replace("\n", "\r\n"))


class RandomEdits:
    """Edits documents of a project at random: the same edits for the same seed."""

    def __init__(self, editor: Editor, seed: int) -> None:
        """Edit files in the folder of an editor, which is a project of `server_projects`."""
        self._editor = editor
        self._random = random.Random(seed)
        self._names = [*FILES, "new.py", "folder/new.py"]

    def step(self) -> None:
        """Make one change."""
        deeds: list[Callable[[], None]] = [self._open, self._close, self._save, self._delete, self._replace]
        weights = [6, 2, 1, 1, 2]
        if self._editor.texts:
            deeds += [self._type, self._insert_line, self._remove_lines, self._several]
            weights += [30, 30, 15, 10]
        self._random.choices(deeds, weights)[0]()

    def expected(self, mirror: Path) -> list[Row]:
        """Return what `check` finds, without a cache, in a copy of the project that has the text of each open document."""
        shutil.rmtree(mirror, ignore_errors=True)
        shutil.copytree(self._editor.folder, mirror, ignore=shutil.ignore_patterns(".surfacelint_cache"))
        for uri, text in self._editor.texts.items():
            name = Path(to_fs_path(uri) or "").relative_to(self._editor.folder)
            (mirror / name).write_bytes(text.encode())
        return checked(mirror, "--no-cache")

    def _uri(self) -> str:
        return self._random.choice(sorted(self._editor.texts))

    def _open(self) -> None:
        name = self._random.choice(self._names)
        if self._editor.uri(name) not in self._editor.texts:
            exists = self._editor.path(name).exists()
            self._editor.open(name, None if exists else self._random.choice(TEXTS))

    def _close(self) -> None:
        if self._editor.texts:
            self._editor.close(self._uri())

    def _save(self) -> None:
        if self._editor.texts:
            self._editor.save(self._uri())

    def _delete(self) -> None:
        name = self._random.choice(("new.py", "folder/new.py", "lines.py"))
        self._editor.path(name).unlink(missing_ok=True)
        self._editor.changed_on_disk(name)

    def _replace(self) -> None:
        """Let another program write a file, or undo everything in an open one."""
        name = self._random.choice(self._names)
        text = self._random.choice((FILES.get(name, JOB), *TEXTS))
        if self._editor.uri(name) in self._editor.texts:
            self._editor.edit(self._editor.uri(name), (None, text))
        else:
            self._editor.path(name).write_bytes(text.encode())
            self._editor.changed_on_disk(name)

    def _type(self) -> None:
        uri = self._uri()
        self._editor.edit(uri, (self._range(uri, 0), self._random.choice(WORDS)))

    def _insert_line(self) -> None:
        uri = self._uri()
        line = self._random.randrange(len(self._editor.lines(uri)))
        ending = self._random.choice(("\n", "\n", "\r\n"))
        self._editor.edit(uri, (types.Range(types.Position(line, 0), types.Position(line, 0)), self._random.choice(LINES) + ending))

    def _remove_lines(self) -> None:
        uri = self._uri()
        line = self._random.randrange(len(self._editor.lines(uri)))
        end = types.Position(line + self._random.randint(1, 3), 0)
        self._editor.edit(uri, (types.Range(types.Position(line, 0), end), ""))

    def _several(self) -> None:
        """Make several changes in one message, each on the result of the one before."""
        uri = self._uri()
        edits = [self._random.choice((*WORDS, *LINES)) for _ in range(self._random.randint(2, 4))]
        for text in edits[:-1]:
            self._editor.edit(uri, (self._range(uri, 9), text))
        self._editor.edit(uri, (self._range(uri, 0), edits[-1]), (self._range(uri, 0), ""))

    def _range(self, uri: str, longest: int) -> types.Range:
        """Return a range of a line, of some columns. It may end beyond the line, and does not split a character."""
        lines = self._editor.lines(uri)
        line = self._random.randrange(len(lines))
        start = self._random.randrange(len(lines[line]) + 1)
        ends = [start, start + self._random.randint(0, longest)]
        first, last = (len(lines[line][:column].encode("utf-16-le")) // 2 + max(0, column - len(lines[line])) for column in ends)
        return types.Range(types.Position(line, first), types.Position(line, last))
