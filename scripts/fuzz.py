"""Looks for programs that surfacelint does not survive, for a fixed time: crashes, hangs, wrong exit statuses, lost bytes, other results.

    python scripts/fuzz.py [--seconds 600] [--seed 1] [--sources FOLDER...] [--keep FOLDER] [--only mutants|seeded|files]

Three kinds of projects take turns:

- `mutants`: mutated LLM programs (fixtures, examples, programs of the rewrite tests) that compile
- `seeded`: files of SOURCES, some of whose expressions are wrapped in calls that send a request, so that the whole pipeline reads them
- `files`: files of SOURCES as they are

SOURCES are folders of real code; the standard library by default. Each project goes through check (two hash seeds, numbers of
jobs and orders of files; no cache, an empty one and a full one), explain, fix (the diff, applied by git, must give what
is written; the result compiles, is stable, and has no new findings) and review.

The same seed and sources give the same projects, as far as the time reaches. What fails is made smaller and written to the folder
`--keep`, one folder per kind of failure, with what is wrong in `failure.txt`. The exit status is 1 if anything failed.
"""

from __future__ import annotations

import argparse
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from fuzzing.mutation import mutant, seeded
from fuzzing.shrinking import smallest
from fuzzing.trials import (
    REPOSITORY,
    Failure,
    Front,
    Programs,
    Step,
    checked,
    checked_as_it_is,
    explained,
    failures,
    fixed,
    reviewed,
    written,
)

ORIGINALS = ("tests/fixtures", "tests/rewrites/programs", "tests/rewrites/lifecycle", "examples")

PROJECT = 24
"""The number of files of one project."""

LARGEST = 400_000
"""The maximum size in bytes of a real file. Larger ones are tables, and take minutes to mutate."""

SHRINKING = 120.0
"""The seconds for making one failure smaller."""

KINDS: dict[str, tuple[Step, ...]] = {
    "mutants": (checked, explained, fixed, reviewed),
    "seeded": (checked_as_it_is, fixed, reviewed),
    "files": (checked_as_it_is, fixed, reviewed),
}


class Fuzzer:
    """Makes projects, tries them, and keeps what fails. `counts` are the files that were tried, by kind."""

    def __init__(self, sources: Sequence[Path], keep: Path | None, random: Random) -> None:
        """Read the names of all programs."""
        self.counts: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self._front = Front()
        self._keep = keep
        self._random = random
        self._originals = [path.read_bytes() for name in ORIGINALS for path in sorted((REPOSITORY / name).rglob("*.py"))]
        self._files = [path for folder in sources for path in sorted(folder.rglob("*.py")) if path.is_file()]
        self._left: dict[str, list[Path]] = {"seeded": [], "files": []}

    def try_one(self, kind: str) -> None:
        """Try one project."""
        programs = dict(self._mutants() if kind == "mutants" else self._real(kind))
        if not programs:
            return
        self.counts[kind] += len(programs)
        seen: set[str] = set()
        for failure in failures(self._front, programs, self._random, KINDS[kind]):
            if failure.kind not in seen:
                seen.add(failure.kind)
                self._report(failure, programs, kind)

    def _mutants(self) -> Iterator[tuple[str, bytes]]:
        for number in range(PROJECT):
            made = mutant(self._random.choice(self._originals), self._originals, self._random)
            if made is not None:
                yield f"m{number:02}.py", made

    def _real(self, kind: str) -> Iterator[tuple[str, bytes]]:
        if not self._left[kind]:
            self._left[kind] = self._random.sample(self._files, len(self._files))
        chosen, self._left[kind] = self._left[kind][:PROJECT], self._left[kind][PROJECT:]
        for number, path in enumerate(chosen):
            data = path.read_bytes() if path.stat().st_size <= LARGEST else b""
            made = data if kind == "files" else seeded(data, self._random)
            if made:
                yield f"r{number:02}_{path.stem}.py", made

    def _report(self, failure: Failure, programs: Programs, kind: str) -> None:
        self.failed[failure.kind] += 1
        print(f"\n{failure.kind}\n{failure.details[:3_000]}", flush=True)
        if self.failed[failure.kind] > 1 or self._keep is None:
            return

        def fails(some: Programs) -> bool:
            return any(each.kind == failure.kind for each in failures(self._front, some, Random(0), KINDS[kind]))

        small = smallest(programs, fails, SHRINKING)
        folder = self._keep / "".join(letter if letter.isalnum() else "_" for letter in failure.kind)[:80]
        if not folder.exists():
            written(folder, small)
            (folder / "failure.txt").write_text(f"{failure.kind}\n\n{failure.details}\n", encoding="utf-8", errors="backslashreplace")
        print(f"kept in {folder}", flush=True)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sources", type=Path, nargs="+", default=[Path(sysconfig.get_paths()["stdlib"])])
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only", choices=KINDS, action="append")
    given = parser.parse_args()
    fuzzer = Fuzzer(given.sources, given.keep, Random(given.seed))
    until = time.monotonic() + given.seconds
    kinds = given.only or list(KINDS)
    projects = 0
    while time.monotonic() < until:
        fuzzer.try_one(kinds[projects % len(kinds)])
        projects += 1
    tried = ", ".join(f"{number:,} {kind}" for kind, number in sorted(fuzzer.counts.items()))
    print(f"\ntried {tried} in {projects:,} projects; {sum(fuzzer.failed.values())} failures of {len(fuzzer.failed)} kinds")
    sys.exit(1 if fuzzer.failed else 0)


if __name__ == "__main__":
    main()
