"""Benchmarks: `run` compares the speed of linters, `peers` what they find, `edits` times edits, `profile` stages, `hostile` odd files."""

from __future__ import annotations

import argparse
import compileall
import itertools
import os
import platform
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import surfacelint
from benchmarks import edits, hostile, trees
from benchmarks.peers import linters, page
from benchmarks.rounds import Command, Run, cpu, elapsed, memory, ratio, rounds, run, seconds
from surfacelint.cache.replay import VARIABLE

PEERS = {
    "ruff": ("ruff", ["ruff", "check", "--isolated", "--no-cache", "--select=B007", "-q", "."]),
    "semgrep": ("semgrep", ["semgrep", "scan", "--config=RULE", "--metrics=off", "--disable-version-check", "--no-git-ignore", "-q", "."]),
    "overllm": ("overllm", ["overllm", "--no-color", "."]),
    "agentguard-lint": ("agentguard-lint", ["agentguard", "--plain", "--no-costs", "."]),
    "flake8-bugbear": ("flake8-bugbear", ["flake8", "--isolated", "--select=B007", "-j2", "."]),
    "Fixit": ("fixit", ["fixit", "--quiet", "--rules=fixit.rules.no_redundant_fstring", "lint", "."]),
}
"""Other linters by name: the package to install, and the command. All but the first are slow and only check every fiftieth file."""

RULE = """rules:
  - id: call-in-loop
    languages: [python]
    severity: WARNING
    message: call in a loop
    patterns:
      - pattern: $C.chat.completions.create(...)
      - pattern-inside: |
          for $X in $Y:
              ...
"""

GOALS = {
    "big, cold": "1.0, 96 MiB",
    "big, cold, one job": "0.8",
    "dense, cold": "5",
    "big, warm": "1.3",
    "big, one relevant file edited": "6",
    "one file of 300, warm": "6",
    "--version": "2.5",
    "--help": "2.5",
    "flake8 with the plugin, warm, every 50th file of big": "1.02",
    "flake8 with the plugin, cold, crewai, 8 processes: CPU": "1.2",
}
"""The ratios (and the memory) that we aim at, by run."""

COMMAND = "python -m benchmarks run --trees FOLDER --peers --page docs/performance.md"

HEADER = "| run | against | ratio: median (min to max) | ours | theirs | memory | goal |"

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"

_EVERY = 50

_AGE = 2.5
"""The age in seconds at which the times of files are reliable."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    table = commands.add_parser("run", help="build the trees and print the table")
    table.add_argument("--trees", type=Path, required=True, metavar="FOLDER", help="folder of the trees, which are built if missing")
    table.add_argument("--rounds", type=int, default=5, help="number of measured rounds per comparison")
    table.add_argument("--peers", action="store_true", help="also install other linters in separate environments and run them")
    table.add_argument("--page", type=Path, help="page whose figures to update")
    stages = commands.add_parser("profile", help="print how long each stage of a run takes")
    stages.add_argument("tree", type=Path)
    edited = commands.add_parser("edits", help="compare runs after an edit with cold ones, and with mypy")
    edited.add_argument("--trees", type=Path, required=True, metavar="FOLDER", help="folder of the trees, which are built if missing")
    edited.add_argument("--rounds", type=int, default=5, help="number of measured rounds per project")
    compared = commands.add_parser("peers", help="run linters over the programs with verdicts, and print or write the tables")
    compared.add_argument(
        "--trees", type=Path, required=True, metavar="FOLDER", help="folder of the environments, which are built if missing"
    )
    compared.add_argument("--page", type=Path, help="page whose tables to update")
    commands.add_parser("hostile", help="print the time and memory of checking extreme files")
    given = parser.parse_args()
    if given.command == "hostile":
        for line in hostile.table():
            print(line, flush=True)
        return
    if given.command == "peers":
        lines = list(page.tables(dict(_columns(given.trees.resolve()))))
        if given.page:
            page.write(given.page, page.COMMAND, (page.BEGIN, page.END), lines)
        else:
            print("\n".join(lines))
        return
    if given.command == "edits":
        folder = given.trees.resolve()
        for line in edits.table(folder, _environment(folder, "mypy") / "mypy", given.rounds):
            print(line, flush=True)
        return
    if given.command == "profile":
        subprocess.run(
            [*_ours(), "--no-cache", "--timings", "--quiet", "--output-format=json-lines", "."],
            cwd=given.tree,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        return
    lines = []
    for line in _table(given.trees.resolve(), given.rounds, given.peers):
        print(line, flush=True)
        lines.append(line)
    if given.page:
        page.write(given.page, COMMAND, (BEGIN, END), lines)


def _ours(*more: str) -> list[str]:
    return [sys.executable, "-m", "surfacelint", "check", "--isolated", *more]


def _table(folder: Path, times: int, peers: bool) -> Iterator[str]:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    # An installer compiles bytecode, even if Python is configured not to write it.
    compileall.compile_dir(Path(surfacelint.__file__).parent, quiet=1)
    yield f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {python}"
    yield ""
    yield HEADER
    yield "|---|---|---|---|---|---|---|"
    ruff = _install("ruff", folder)
    yield from _cold(folder, ruff, times)
    yield from _warm(folder, ruff, times)
    yield from _starting(folder, times)
    yield _within_flake8(folder, times)
    yield _flake8_processes(folder, times)
    yield from _growth(folder, times)
    if peers:
        yield from _peers(folder, times)


def _row(name: str, against: str, ours: Command, theirs: Command, times: int, of: Callable[[Run], float] = elapsed) -> str:
    found = rounds({"ours": ours, "theirs": theirs}, times)
    mine, others = found["ours"], found["theirs"]
    cells = (name, against, ratio(mine, others, of), seconds(mine, of), seconds(others, of), memory(mine), GOALS.get(name, ""))
    return f"| {' | '.join(cells)} |"


def _cold(folder: Path, ruff: Path, times: int) -> Iterator[str]:
    for name in ("big", "dense"):
        tree = trees.build(name, folder)
        checked = [str(ruff), *PEERS["ruff"][1][1:]]
        yield _row(f"{name}, cold", "ruff, one rule, no cache", Command(_ours("--no-cache", "."), tree), Command(checked, tree), times)
        if name == "big":
            alone = Command(checked, tree, {"RAYON_NUM_THREADS": "1"})
            yield _row("big, cold, one job", "ruff, one thread", Command(_ours("--no-cache", "--jobs=1", "."), tree), alone, times)


def _warm(folder: Path, ruff: Path, times: int) -> Iterator[str]:
    tree = trees.build("big", folder)
    # A rule without findings there, because ruff does not cache files with findings.
    warm = Command([str(ruff), "check", "--isolated", "--select=F502", "-q", f"--cache-dir={folder / 'ruff-cache'}", "."], tree)
    ours = _ours(f"--cache-dir={folder / 'cache'}", ".")
    run(Command(ours, tree))
    yield _row("big, warm", "ruff, warm, nothing found", Command(ours, tree), warm, times)
    edited = tree / "gpt_researcher" / "utils" / "llm.py"

    def edit() -> None:
        edited.write_text(edited.read_text(encoding="utf-8") + "# one more line\n", encoding="utf-8")

    text = edited.read_text(encoding="utf-8")
    try:
        yield _row("big, one relevant file edited", "ruff, warm, nothing found", Command(ours, tree, before=edit), warm, times)
    finally:
        edited.write_text(text, encoding="utf-8")


def _starting(folder: Path, times: int) -> Iterator[str]:
    tree = trees.small(folder)
    nothing = Command([sys.executable, "-c", "pass"], tree)
    one = _ours(f"--cache-dir={folder / 'small-cache'}", "module_20.py")
    time.sleep(_AGE)
    run(Command(one, tree))
    yield _row("one file of 300, warm", "python -c pass", Command(one, tree), nothing, times)
    edited = tree / "module_3.py"
    text = edited.read_text(encoding="utf-8")

    def edit() -> None:
        edited.write_text(edited.read_text(encoding="utf-8") + "# one more line\n", encoding="utf-8")

    try:
        yield _row("that file edited", "python -c pass", Command([*one[:-1], edited.name], tree, before=edit), nothing, times)
    finally:
        edited.write_text(text, encoding="utf-8")
    yield _row("one file of 300, no cache", "python -c pass", Command(_ours("--no-cache", "module_20.py"), tree), nothing, times)
    for option in ("--version", "--help"):
        yield _row(option, "python -c pass", Command([sys.executable, "-m", "surfacelint", option], tree), nothing, times)


def _growth(folder: Path, times: int) -> Iterator[str]:
    """Yield rows for generated projects with more functions, longer chains or deeper loops, each against the one before."""
    steps = [(1_000, 10, 1), (2_000, 10, 1), (4_000, 10, 1), (8_000, 10, 1)]
    deep = [(1_000, 10, 1), (1_000, 100, 1), (1_000, 1_000, 1)]
    nested = [(1_000, 10, 1), (1_000, 10, 20)]
    for series in (steps, deep, nested):
        for (before, *rest), (after, *more) in itertools.pairwise(series):
            ours = Command(_ours("--no-cache", "."), trees.grown(folder, after, *more))
            theirs = Command(_ours("--no-cache", "."), trees.grown(folder, before, *rest))
            name = f"{after} functions, chains of {more[0]}, loops of {more[1]}"
            yield _row(name, f"{before}, {rest[0]}, {rest[1]}", ours, theirs, times)


def _within_flake8(folder: Path, times: int) -> str:
    """Return the row for flake8 with the plugin and a warm cache against flake8 alone."""
    part = _part(folder)
    checked = ["--isolated", "-j2", "."]
    alone = Command([str(_environment(folder, "flake8") / "flake8"), *checked], part)
    both = Command([str(_flake8_with_us(folder)), *checked], part)
    return _row(f"flake8 with the plugin, warm, every {_EVERY}th file of big", "flake8 alone", both, alone, times)


def _flake8_processes(folder: Path, times: int) -> str:
    """Return the row for the CPU seconds of flake8 with the plugin in eight processes against one, without a cache from before."""
    tree, program, stored = trees.build("crewai", folder), _flake8_with_us(folder), folder / "flake8-cache"

    def command(jobs: int) -> Command:
        arguments = [str(program), "--isolated", f"-j{jobs}", "."]
        return Command(arguments, tree, {VARIABLE: str(stored)}, before=lambda: shutil.rmtree(stored, ignore_errors=True))

    return _row("flake8 with the plugin, cold, crewai, 8 processes: CPU", "1 process", command(8), command(1), times, cpu)


def _flake8_with_us(folder: Path) -> Path:
    """Return a flake8 with the current plugin."""
    environment = _environment(folder, "flake8-with-us", "flake8")
    # Installs the current code, even if the environment is older.
    subprocess.run([environment / "python", "-m", "pip", "install", "--quiet", Path(__file__).parents[1]], check=True)
    return environment / "flake8"


def _part(folder: Path) -> Path:
    """Return a tree with every fiftieth file of the big one."""
    tree, part = trees.build("big", folder), folder / "part"
    if not part.is_dir():
        for path in sorted(tree.rglob("*.py"))[::_EVERY]:
            target = part / path.relative_to(tree)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
        (part / "pyproject.toml").write_text("[project]\nname = 'part'\n", encoding="utf-8")
        time.sleep(_AGE)
    return part


def _install(name: str, folder: Path) -> Path:
    """Install another linter in its own environment, and return its program."""
    package, command = PEERS[name]
    return _environment(folder, package) / command[0]


def _environment(folder: Path, name: str, *packages: str) -> Path:
    """Return the folder of programs of an environment with `packages`, by default the package `name`. Creates it if missing."""
    environment = folder / "environments" / name
    if not environment.is_dir():
        venv.create(environment, with_pip=True)
        subprocess.run([environment / "bin" / "python", "-m", "pip", "install", "--quiet", *(packages or (name,))], check=True)
    return environment / "bin"


def _columns(folder: Path) -> Iterator[tuple[str, page.Column]]:
    """Yield the outcomes of surfacelint and of each linter that can be installed."""
    yield page.OURS, page.own_column()
    for linter in linters.PEERS:
        try:
            programs = _environment(folder, f"peers-{linter.name}", *linter.requirements)
        except subprocess.CalledProcessError:
            print(f"{linter.name} cannot be installed", file=sys.stderr)
            continue
        print(linter.name, file=sys.stderr, flush=True)
        yield linter.name, page.column(linter, programs)


def _peers(folder: Path, times: int) -> Iterator[str]:
    """Yield rows for slow linters, run once each on every fiftieth file of the big tree."""
    part = _part(folder)
    rule = folder / "rule.yaml"
    rule.write_text(RULE, encoding="utf-8")
    ours = Command(_ours("--no-cache", "."), part)
    for name in list(PEERS)[1:]:
        try:
            program = _install(name, folder)
        except subprocess.CalledProcessError:
            yield f"| every {_EVERY}th file of big, cold | {name} | cannot be installed | | | | |"
            continue
        arguments = [str(program), *(each.replace("RULE", str(rule)) for each in PEERS[name][1][1:])]
        yield _row(f"every {_EVERY}th file of big, cold", name, ours, Command(arguments, part), 1)


if __name__ == "__main__":
    main()
