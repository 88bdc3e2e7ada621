"""Measures how long the language server takes from an edit to the findings, on a project of 300 files or on a tree of your own.

    python scripts/server_latency.py [--edits 50] [TREE FILE]

Each edit inserts a line at the top of the file, which moves its findings, and waits for them. Prints the time on the clock, and the
processor time of the server and of its analysis, which other programs on the machine do not change as much. Works on Linux.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.extend([str(Path(__file__).parents[1] / "tests"), str(Path(__file__).parents[1])])

from editor import START, Editor, children, process, served
from lsprotocol import types

from benchmarks import trees


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=50, help="number of edits")
    parser.add_argument("tree", type=Path, nargs="?", help="folder to open")
    parser.add_argument("file", nargs="?", default="module_3.py", help="file in it with a finding")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        tree = given.tree or trees.small(Path(place).resolve())
        asyncio.run(measure(tree.resolve(), given.file, given.edits))


async def measure(tree: Path, name: str, edits: int) -> None:
    """Edit a file, and print the times."""
    began = time.perf_counter()
    async with served(tree) as client:
        editor = Editor(client, tree)
        await editor.settled()
        print(f"first findings: {time.perf_counter() - began:.2f} s from the start of the server")
        uri = editor.open(name)
        await editor.settled()
        measured = [await _measured(editor, uri, number) for number in range(edits)]
    for what, row in zip(("clock", "processor, server", "processor, analysis"), zip(*measured, strict=True), strict=True):
        ordered = sorted(row)
        print(f"{what:20} median {statistics.median(row):.3f} s, 95 % {ordered[int(len(row) * 0.95)]:.3f} s, longest {ordered[-1]:.3f} s")


async def _measured(editor: Editor, uri: str, number: int) -> tuple[float, ...]:
    """Return the seconds of one edit: on the clock, and of the processor for the server and for the analysis."""
    known = editor.lsp.diagnostics[uri]
    server = process(editor.lsp).pid
    before = list(_seconds(server))
    began = time.perf_counter()
    editor.edit(uri, (types.Range(START.start, START.start), f"x = {number}\n"))
    while editor.lsp.diagnostics[uri] is known:
        await asyncio.sleep(0.001)
    took = time.perf_counter() - began
    return (took, *(after - earlier for after, earlier in zip(_seconds(server), before, strict=True)))


def _seconds(server: int) -> Iterator[float]:
    """Yield the processor time so far of a server and of its analysis."""
    for number in (server, *children(server)):
        fields = Path(f"/proc/{number}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        yield sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
