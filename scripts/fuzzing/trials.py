"""One trial: a project of programs, run through check, fix and review as users run them, and what is wrong with the outcome."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from fuzzing.mutation import compiles

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from forked_processes import ForkServer

REPOSITORY = Path(__file__).parents[2]

PATIENCE = 60
"""The seconds of CPU time after which a run hangs."""

SEEDS = ("0", "271828")
"""Two hash seeds, which order sets differently."""

Programs = Mapping[str, bytes]
"""The files of a project: contents by name."""

Done = subprocess.CompletedProcess[str]

_VARIABLES = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON", "SURFACELINT"))}
_INTERNAL_ERROR = "please report it with the output of SURFACELINT_DEBUG"


@dataclass(frozen=True, slots=True)
class Failure:
    """What is wrong, and where. `kind` stays the same while a project that fails is made smaller."""

    kind: str
    details: str


class Front:
    """The command line, in two processes that have imported everything, with different hash seeds."""

    def __init__(self) -> None:
        """Start both processes."""
        self._servers = [ForkServer((), {**_VARIABLES, "PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": seed}) for seed in SEEDS]

    def run(self, folder: Path, *arguments: str, seed: int = 0) -> Done:
        """Run surfacelint in a folder. Raises TimeoutExpired."""
        variables = {**_VARIABLES, "PYTHONPATH": str(REPOSITORY), "SOURCE_DATE_EPOCH": "0", "NO_COLOR": "1"}
        return self._servers[seed].run(folder, variables, ["-m", "surfacelint", *arguments], seconds=PATIENCE)


Step = Callable[[Front, Path, Sequence[str], Random], Iterator[Failure]]


def failures(front: Front, programs: Programs, random: Random, steps: Sequence[Step]) -> list[Failure]:
    """Return all that goes wrong with a project."""
    found: list[Failure] = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "project")
        written(folder, programs)
        for step in steps:
            found += _of_step(step, front, folder, sorted(programs), random)
    return found


def _of_step(step: Step, front: Front, folder: Path, names: Sequence[str], random: Random) -> list[Failure]:
    try:
        return list(step(front, folder, names, random))
    except subprocess.TimeoutExpired as error:
        return [Failure(f"{step.__name__} hangs", " ".join(map(str, error.cmd)))]
    except (ValueError, KeyError, TypeError) as error:
        return [Failure(f"{step.__name__} prints something else", repr(error))]


def written(folder: Path, programs: Programs) -> None:
    """Write a project."""
    folder.mkdir(parents=True)
    (folder / "surfacelint.toml").touch()
    for name, data in programs.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a project."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def checked(front: Front, folder: Path, names: Sequence[str], random: Random) -> Iterator[Failure]:
    """Check with other hash seeds, numbers of jobs and orders of files, and with a cache that is empty and one that is full."""
    options = ("check", "--output-format", "json")
    plain = front.run(folder, *options, "--no-cache", "--jobs", "1", *names)
    yield from wrong_outcome(plain)
    other = front.run(folder, *options, "--no-cache", "--jobs", "3", *random.sample(names, len(names)), seed=1)
    yield from _different("check with another seed, order and number of jobs", plain, other)
    with tempfile.TemporaryDirectory() as cache:
        for state in ("an empty", "a full"):
            again = front.run(folder, *options, "--cache-dir", str(Path(cache, "c")), *names, seed=1)
            yield from _different(f"check with {state} cache", plain, again)


def checked_as_it_is(front: Front, folder: Path, names: Sequence[str], random: Random) -> Iterator[Failure]:
    """Check with another hash seed, number of jobs and order of files."""
    options = ("check", "--output-format", "json", "--no-cache")
    plain = front.run(folder, *options, "--jobs", "1", *names)
    yield from wrong_outcome(plain)
    other = front.run(folder, *options, "--jobs", "3", *random.sample(names, len(names)), seed=1)
    yield from _different("check with another seed, order and number of jobs", plain, other)


def explained(front: Front, folder: Path, names: Sequence[str], random: Random) -> Iterator[Failure]:
    """Explain the lines of some findings: each says that it is reported, and why."""
    found = json.loads(front.run(folder, "check", "--output-format", "json", "--no-cache", *names).stdout)
    reported = [each for each in found if each["code"][3] in "123"]
    for each in random.sample(reported, min(2, len(reported))):
        place = f"{each['filename']}:{each['location']['row']}"
        done = front.run(folder, "explain", "--no-cache", place)
        if done.returncode != 0 or done.stderr or each["code"] not in done.stdout:
            yield Failure("explain does not say what check says", f"{place} {each['code']}\n{done.stdout}{done.stderr}")


def fixed(front: Front, folder: Path, names: Sequence[str], random: Random) -> Iterator[Failure]:
    """Fix everything: the diff says exactly what is written, the result compiles, is stable, and has no new findings."""
    before = contents(folder)
    options = ("--no-cache", "--unsafe-fixes", *names)
    shown = front.run(folder, "check", "--diff", *options)
    yield from _broken("diff", shown)
    if contents(folder) != before:
        yield Failure("diff writes", "")
    found = front.run(folder, "check", "--output-format", "json", "--no-cache", *names)
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place, "project")
        shutil.copytree(folder, copy)
        done = front.run(copy, "check", "--fix", "--output-format", "json", *options, seed=1)
        yield from wrong_outcome(done)
        after = contents(copy)
        yield from _compiling(before, after)
        yield from as_shown(folder, shown.stdout, after)
        yield from _no_more(json.loads(found.stdout), json.loads(done.stdout))
        again = front.run(copy, "check", "--fix", "--output-format", "json", *options, *sorted(after.keys() - before.keys()))
        if contents(copy) != after:
            yield Failure("fix is not stable", again.stderr)


def reviewed(front: Front, folder: Path, names: Sequence[str], random: Random) -> Iterator[Failure]:
    """Review with another hash seed, number of jobs and order of files."""
    options = ("review", "--output-format", "json", "--no-cache")
    plain = front.run(folder, *options, "--jobs", "1", *names)
    yield from _broken("review", plain)
    if plain.returncode not in (0, 2) or (plain.returncode == 2) != ("error: " in plain.stderr):
        yield Failure("review has a wrong exit status", f"{plain.returncode}: {plain.stderr}")
    json.loads(plain.stdout)
    other = front.run(folder, *options, "--jobs", "3", *random.sample(names, len(names)), seed=1)
    yield from _different("review with another seed, order and number of jobs", plain, other)


def wrong_outcome(done: Done) -> Iterator[Failure]:
    """Yield what is wrong with the exit status and the output of a check in JSON."""
    yield from _broken("check", done)
    found = json.loads(done.stdout)
    complete = not any(each["code"] == "SRF901" for each in found) and "error: " not in done.stderr
    wanted = 2 if not complete else 1 if found else 0
    if done.returncode != wanted:
        yield Failure("check has a wrong exit status", f"{done.returncode}, not {wanted}: {done.stderr}")


def _broken(command: str, done: Done) -> Iterator[Failure]:
    lines = [line for line in (*done.stdout.splitlines(), *done.stderr.splitlines()) if _INTERNAL_ERROR in line]
    if lines:
        yield Failure(f"{command}: {_kind_of(lines[0])}", lines[0])
    if "Traceback (most recent call last)" in done.stderr:
        yield Failure(f"{command}: traceback", done.stderr[-2_000:])
    if done.returncode not in (0, 1, 2):
        yield Failure(f"{command} ends with {done.returncode}", done.stderr[-2_000:])


def _kind_of(line: str) -> str:
    """Return the part of an error message that does not depend on the program: the kind of the exception."""
    words = [word.strip("`:;,") for word in line.split()]
    return next((word for word in words if word.endswith(("Error", "Exception"))), "internal error")


def _different(what: str, one: Done, other: Done) -> Iterator[Failure]:
    for part in ("returncode", "stdout", "stderr"):
        if getattr(one, part) != getattr(other, part):
            yield Failure(f"{what} differs in {part}", _first_difference(str(getattr(one, part)), str(getattr(other, part))))
            return


def _first_difference(one: str, other: str) -> str:
    ours, theirs = one.splitlines(), other.splitlines()
    number = next((at for at, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs)))
    return f"- {' '.join(ours[number : number + 1])}\n+ {' '.join(theirs[number : number + 1])}"


def _compiling(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[Failure]:
    for name, data in after.items():
        if name.endswith(".py") and data != before.get(name) and (name not in before or compiles(before[name])) and not compiles(data):
            yield Failure("fix leaves code that does not compile", f"{name}\n{data.decode('utf-8', 'replace')}")
    for name in before.keys() - after.keys():
        yield Failure("fix removes a file", name)


def as_shown(folder: Path, diff: str, after: Mapping[str, bytes]) -> Iterator[Failure]:
    """Apply the diff with git, which knows nothing of ours: no byte but those of the diff may differ."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place, "project")
        shutil.copytree(folder, copy)
        if diff:
            command = ["git", "apply", "-p0", "--unidiff-zero", "--whitespace=nowarn", "-"]
            data = diff.encode("utf-8", "surrogateescape")
            done = subprocess.run(command, cwd=copy, input=data, capture_output=True, check=False, env=_VARIABLES)
            if done.returncode != 0:
                yield Failure("the diff cannot be applied", done.stderr.decode() + diff)
                return
        shown = contents(copy)
        for name in sorted(shown.keys() | after.keys()):
            if shown.get(name) != after.get(name):
                yield Failure("fix writes something else than diff shows", f"{name}\n{shown.get(name)!r}\n{after.get(name)!r}")
                return


def _no_more(before: Any, after: Any) -> Iterator[Failure]:
    """Yield a failure if there are more findings of a rule and file than before, in files that were there before."""
    counts: dict[tuple[str, str], int] = {}
    for each in before:
        key = (each["filename"], each["code"])
        counts[key] = counts.get(key, 0) + 1
    for each in after:
        key = (each["filename"], each["code"])
        counts[key] = counts.get(key, 0) - 1
        if counts[key] < 0:
            yield Failure("fix brings a finding", f"{key}: {each['message']}")
            return
