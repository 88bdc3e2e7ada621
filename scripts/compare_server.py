"""Edits a project at random in the language server, and compares what it shows with what `check` finds.

    python scripts/compare_server.py [--edits 10000] [--every 25] [--seed 1]

The server is a process of its own, driven by pytest-lsp. Every so many edits, the open documents are written to a copy of the project,
and `surfacelint check --no-cache` runs there. Ends with 1 and a diff if they differ. Prints how long answers took.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from editor import Editor, served
from random_edits import RandomEdits
from server_projects import project


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=10_000, help="number of edits")
    parser.add_argument("--every", type=int, default=25, help="number of edits between comparisons")
    parser.add_argument("--seed", type=int, default=1, help="number that determines the edits")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        sys.exit(asyncio.run(compare(Path(place).resolve(), given.edits, given.every, given.seed)))


async def compare(place: Path, edits: int, every: int, seed: int) -> int:
    """Edit and compare. Returns the exit status."""
    folder = project(place / "project")
    seconds: list[float] = []
    async with served(folder) as client:
        editor = Editor(client, folder)
        await editor.settled()
        changes = RandomEdits(editor, seed)
        for number in range(1, edits + 1):
            changes.step()
            if number % every:
                continue
            began = time.perf_counter()
            await editor.settled()
            seconds.append(time.perf_counter() - began)
            shown, found = editor.rows(), changes.expected(place / "mirror")
            if shown != found:
                print(*(f"{uri}: {text!r}" for uri, text in editor.texts.items()), sep="\n")
                print(f"after {number} edits with seed {seed}:")
                print(*(f"  only check: {row}" for row in found if row not in shown), sep="\n")
                print(*(f"  only server: {row}" for row in shown if row not in found), sep="\n")
                return 1
            if not number % (every * 20):
                print(f"{number:6} edits, the same {len(found)} findings", flush=True)
        messages = [each.message for each in client.messages]
    print(f"{edits} edits, {edits // every} comparisons, no difference")
    print(f"from the last edit to the answer: {statistics.median(seconds):.3f} s (median), {max(seconds):.3f} s (longest)")
    print(*(f"  message: {each}" for each in dict.fromkeys(messages)), sep="\n")
    return 0


if __name__ == "__main__":
    main()
