"""Shows how the time of an analysis grows with the code: time per stage for generated projects of increasing size.

    python scripts/growth.py [--sizes 250 500 1000 2000] [--profile] [--review] [--constructs 40 80 160]

Times are per function: if they grow from one size to the next, a stage takes more than linear time. Each kind of project is a
way in which real code grows: many files, one long file, many callers of one helper, deep chains, nested loops. `--profile`
also profiles the largest project, and `--review` runs a review instead of a check. `--constructs` prints another table: the
time of one long function that is made of one construct over and over, in these sizes, and by how much it grows each time.
"""

from __future__ import annotations

import argparse
import cProfile
import functools
import itertools
import pstats
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import surfacelint.extraction.body_extraction
import surfacelint.extraction.outline_extraction
import surfacelint.pipeline.engine
import surfacelint.pipeline.group_analysis
from surfacelint.config import Config
from surfacelint.linking.calls.call_graph import Linker
from surfacelint.linking.calls.request_summaries import SummarySolver
from surfacelint.project.module_names import Project
from surfacelint.relevance import import_screening

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import programs

DEPTH = 10
"""The length of call chains in the large projects."""

STAGES: tuple[tuple[str, object, str], ...] = (
    ("project", Project, "build"),
    ("screening", import_screening, "screen"),
    ("outlines", surfacelint.extraction.outline_extraction, "read_outline"),
    ("linking", Linker, "link"),
    ("summaries", SummarySolver, "summaries"),
    ("effects", SummarySolver, "effects"),
    ("bodies", surfacelint.extraction.body_extraction, "read_body"),
    ("judgement", surfacelint.pipeline.group_analysis, "workloads"),
    ("fixes", surfacelint.pipeline.engine, "completed"),
)
"""Each stage, and the owner and name of the function that does it. All other time is `rest`."""

CLIENT = "from openai import OpenAI\n\n\ndef ask(text):\n    return OpenAI().responses.create(model='gpt-5', input=text).output_text\n"

Files = dict[str, str]


# Projects. Each function takes the approximate number of relevant functions, and returns texts by path.


def many_files(size: int) -> Files:
    """Chains of plain functions, of methods with clients, and of callbacks, ten modules deep, each called in a loop."""
    files: Files = {"app/__init__.py": "", "app/client.py": CLIENT}
    kinds = (_plain, _methods, _callbacks)
    for chain in range(size // DEPTH):
        block, kind = f"app/block{chain // 10}", kinds[chain % len(kinds)]
        files.setdefault(f"{block}/__init__.py", "")
        for level in range(DEPTH):
            path = f"{block}/level{level}.py"
            below = "app.client" if level == 0 else f"app.block{chain // 10}.level{level - 1}"
            files[path] = files.get(path, "import openai\n") + kind(chain, level, below)
        jobs = f"{block}/jobs.py"
        top = f"app.block{chain // 10}.level{DEPTH - 1}"
        files[jobs] = files.get(jobs, "") + _job(kind, chain, top)
    return files


def _plain(chain: int, level: int, below: str) -> str:
    callee = "ask" if level == 0 else f"step{chain}_{level - 1}"
    return (
        f"\n\nfrom {below} import {callee}\n\n\ndef step{chain}_{level}(text):\n    cleaned = text.strip()\n    return {callee}(cleaned)\n"
    )


def _methods(chain: int, level: int, below: str) -> str:
    if level == 0:
        head = "\n\nclass Step{0}_0:\n    def __init__(self):\n        self.client = openai.OpenAI()\n\n    def run(self, text):\n"
        return head.format(chain) + "        return self.client.responses.create(model='gpt-5', input=text).output_text\n"
    name = f"Step{chain}_{level - 1}"
    head = f"\n\nfrom {below} import {name}\n\n\nclass Step{chain}_{level}:\n    def __init__(self):\n        self.below = {name}()\n"
    return f"{head}\n    def run(self, text):\n        return self.below.run(text)\n"


def _callbacks(chain: int, level: int, below: str) -> str:
    if level == 0:
        return f"\n\ndef step{chain}_0(send, text):\n    return send(text)\n"
    callee = f"step{chain}_{level - 1}"
    return f"\n\nfrom {below} import {callee}\n\n\ndef step{chain}_{level}(send, text):\n    return {callee}(send, text)\n"


def _job(kind: Callable[[int, int, str], str], chain: int, top: str) -> str:
    if kind is _methods:
        head, call = f"from {top} import Step{chain}_9", f"Step{chain}_9().run(row)"
    elif kind is _callbacks:
        head, call = f"from app.client import ask\nfrom {top} import step{chain}_9", f"step{chain}_9(ask, row)"
    else:
        head, call = f"from {top} import step{chain}_9", f"step{chain}_9(row)"
    return f"{head}\n\n\ndef job{chain}(rows):\n    out = []\n    for row in rows:\n        out.append({call})\n    return out\n\n\n"


def one_file(size: int) -> Files:
    """All functions in one file, half of them with a loop."""
    pairs = (
        f"def ask{n}(text):\n    return ask(text.strip())\n\n\ndef job{n}(rows):\n    for row in rows:\n        ask{n}(row)\n\n\n"
        for n in range(size // 2)
    )
    return {"app.py": f"{CLIENT}\n\n{''.join(pairs)}"}


def one_helper(size: int) -> Files:
    """One helper that calls its argument, called everywhere with a different function."""
    head = f"{CLIENT}\n\ndef each(f, rows):\n    return [f(row) for row in rows]\n\n\n"
    pairs = (
        f"def ask{n}(text):\n    return ask(text)\n\n\ndef job{n}(rows):\n    return each(ask{n}, rows)\n\n\n" for n in range(size // 2)
    )
    return {"app.py": head + "".join(pairs)}


def one_class(size: int) -> Files:
    """One class with many subclasses, called through its interface."""
    head = f"{CLIENT}\n\nclass Task:\n    def send(self, text):\n        raise NotImplementedError\n\n\n"
    tasks = (f"class Task{n}(Task):\n    def send(self, text):\n        return ask(text)\n\n\n" for n in range(size // 2))
    jobs = (f"def job{n}(task: Task, rows):\n    for row in rows:\n        task.send(row)\n\n\n" for n in range(size // 2))
    return {"app.py": head + "".join(tasks) + "".join(jobs)}


def one_loop(size: int) -> Files:
    """One loop with `size` statements."""
    lines = "".join(f"        x{n} = x{n - 1} + 1\n" for n in range(1, size))
    return {"app.py": f"{CLIENT}\n\ndef job(rows):\n    for x0 in rows:\n{lines}        ask(x{size - 1})\n"}


def chain(depth: int) -> Files:
    """One chain of helpers in one module, called in a loop."""
    steps = "".join(f"def step{n}(text):\n    return step{n - 1}(text)\n\n\n" for n in range(1, depth))
    loop = f"def job(rows):\n    for row in rows:\n        step{depth - 1}(row)\n"
    return {"app.py": f"{CLIENT}\n\ndef step0(text):\n    return ask(text)\n\n\n{steps}{loop}"}


def nested(depth: int) -> Files:
    """Loops in loops around one call."""
    loops = "".join(f"{'    ' * (level + 1)}for row{level} in rows[{level}]:\n" for level in range(depth))
    return {"app.py": f"{CLIENT}\n\ndef job(rows):\n{loops}{'    ' * (depth + 1)}ask(row{depth - 1})\n"}


# Measuring.


class Clock:
    """Seconds by stage. The time of a nested stage counts for that stage only."""

    def __init__(self) -> None:
        """Start the clock for `rest`."""
        self.seconds = dict.fromkeys([*(name for name, _, _ in STAGES), "rest"], 0.0)
        self._running = ["rest"]
        self._since = time.perf_counter()

    def _add_elapsed(self) -> None:
        now = time.perf_counter()
        self.seconds[self._running[-1]] += now - self._since
        self._since = now

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time of the block for a stage."""
        self._add_elapsed()
        self._running.append(name)
        try:
            yield
        finally:
            self._add_elapsed()
            self._running.pop()

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a wrapper of `function` whose time counts for a stage."""

        @functools.wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            with self.stage(name):
                return function(*arguments, **named)

        return timed

    def stop(self) -> None:
        """Count the time up to now."""
        self._add_elapsed()


@dataclass(frozen=True, slots=True)
class Run:
    """The findings and seconds by stage of one analysis."""

    findings: int
    seconds: dict[str, float]

    @property
    def total(self) -> float:
        """The seconds of all stages."""
        return sum(self.seconds.values())


def analyse(root: Path, review: bool = False) -> Run:
    """Check or review a project in this process, and measure each stage."""
    originals = [(owner, attribute, vars(owner)[attribute]) for _, owner, attribute in STAGES]
    clock = Clock()
    try:
        for name, owner, attribute in STAGES:
            setattr(owner, attribute, clock.around(name, getattr(owner, attribute)))
        config = Config(root=root, cache=False, jobs=1)
        engine = surfacelint.pipeline.engine
        report = engine.list_workloads([root], config).report if review else engine.run([root], config)
        clock.stop()
    finally:
        for owner, attribute, original in originals:
            setattr(owner, attribute, original)
    return Run(len(report.findings), clock.seconds)


def measure(files: Files, review: bool = False) -> Run:
    """Write a project, and return the faster of two runs."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), files)
        return min((analyse(Path(folder), review) for _ in range(2)), key=lambda run: run.total)


def write(root: Path, files: Files) -> None:
    """Write the files of a project, and a marker that makes the folder its root."""
    root.mkdir(exist_ok=True)
    (root / "surfacelint.toml").touch()
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def profile(files: Files, lines: int = 12) -> None:
    """Print the functions that take most of the time in a project."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), files)
        profiler = cProfile.Profile()
        profiler.runcall(surfacelint.pipeline.engine.run, [folder], Config(root=Path(folder), cache=False, jobs=1))
        pstats.Stats(profiler, stream=sys.stdout).strip_dirs().sort_stats("tottime").print_stats(lines)


# Reporting.


def constructs(sizes: Sequence[int], review: bool) -> None:
    """Print the seconds of one function of each construct, by size, and by how much they grow each time."""
    print(f"{'construct':<18}" + "".join(f"{size:>9}" for size in sizes) + "   grows by")
    for make in programs.SHAPES:
        seconds = [measure({"app.py": make(size)}, review).total for size in sizes]
        factors = ", ".join(f"{later / earlier:.2f}" for earlier, later in itertools.pairwise(seconds))
        print(f"{make.__name__:<18}" + "".join(f"{each:>9.2f}" for each in seconds) + f"   {factors}", flush=True)


def table(make: Callable[[int], Files], sizes: Sequence[int], *, per_function: bool, review: bool = False) -> None:
    """Print the milliseconds by stage for one kind of project in several sizes, in total or per 1,000 functions."""
    unit = "ms per 1,000 functions" if per_function else "ms"
    names = [*(name for name, _, _ in STAGES), "rest", "total"]
    print(f"\n{make.__name__}: {(make.__doc__ or '').strip()} ({unit})")
    print(f"{'size':>6}" + "".join(f"{name:>11}" for name in names) + "   findings  total s")
    before: Run | None = None
    smaller = 0
    for size in sizes:
        run = measure(make(size), review)
        figures = [*run.seconds.values(), run.total]
        scale = 1_000_000 / size if per_function else 1_000
        print(f"{size:>6}" + "".join(f"{each * scale:>11.1f}" for each in figures) + f"{run.findings:>11}{run.total:>9.2f}")
        if before is not None and per_function:
            growing = [_growth(name, run.seconds[name], before.seconds[name], size / smaller) for name in names[:-1]]
            if any(growing):
                print(f"{'':>6}   more than linear: {', '.join(filter(None, growing))}")
        before, smaller = run, size


def _growth(name: str, now: float, earlier: float, factor: float) -> str:
    """Return by what factor a stage grew more than the code; empty if it did not, or if its time is negligible."""
    ratio = now / earlier / factor if earlier else 1.0
    return f"{name} x{ratio:.2f}" if ratio > 1.25 and now > 0.02 else ""


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[250, 500, 1_000, 2_000])
    parser.add_argument("--profile", action="store_true", help="profile the largest project of each kind")
    parser.add_argument("--review", action="store_true", help="run a review instead of a check")
    parser.add_argument("--constructs", type=int, nargs="+", metavar="SIZE", help="print the growth of one function of each construct")
    given = parser.parse_args()
    measure(many_files(50))  # Imports and compiles everything once.
    if given.constructs:
        constructs(given.constructs, given.review)
        return
    for make in (many_files, one_file, one_helper, one_class, one_loop):
        table(make, given.sizes, per_function=True, review=given.review)
        if given.profile:
            profile(make(max(given.sizes)))
    table(chain, [10, 30, 100, 300, 1_000], per_function=True, review=given.review)
    table(nested, [1, 2, 5, 10, 15, 19], per_function=False, review=given.review)


if __name__ == "__main__":
    main()
