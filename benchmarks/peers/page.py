"""Runs the linters over the programs, and writes the tables of the page."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import surfacelint
from benchmarks.peers.linters import PEERS, RULES, Linter
from benchmarks.peers.verdicts import PROBLEMS, PROGRAMS, Outcome, Place, Report, Verdict, outcome, verdicts
from surfacelint.config import Config

OURS = "surfacelint"
FAMILIES = {"realtime": "SRF1", "handler": "SRF2", "progress": "SRF3"}
"""The rules that have to speak, by problem. A finding of another rule on the right line counts as false."""

COMMAND = "python -m benchmarks peers --trees FOLDER --page docs/comparison.md"
BEGIN, END = "<!-- programs: begin -->", "<!-- programs: end -->"

Column = Mapping[str, Outcome]
"""The outcome for each program, by its name."""


def own_column() -> Column:
    """Return how the findings of surfacelint compare with the verdicts."""
    return _column(_own_reports, FAMILIES)


def _own_reports(program: Path) -> Iterator[Report]:
    for finding in surfacelint.check([program], Config(root=program, cache=False, jobs=1)).findings:
        file = Path(finding.location.path).resolve().relative_to(program.resolve()).as_posix()
        yield Report(Place(file, finding.location.span.start.line), finding.rule.code)


def column(linter: Linter, programs: Path) -> Column:
    """Return how the reports of another linter compare with the verdicts. `programs` is the folder with its command."""
    return _column(lambda program: _reports(linter, programs, program), {})


def _column(reports: Callable[[Path], Iterable[Report]], families: Mapping[str, str]) -> Column:
    return {verdict.program: outcome(verdict, reports(PROGRAMS / verdict.program), families) for verdict in verdicts()}


def _reports(linter: Linter, programs: Path, program: Path) -> list[Report]:
    command = [os.fspath(programs / linter.command[0]), *(each.replace("RULES", os.fspath(RULES)) for each in linter.command[1:])]
    variables = {name: value.replace("RULES", os.fspath(RULES)) for name, value in linter.variables.items()}
    path = os.pathsep.join([os.fspath(programs), os.environ.get("PATH", "")])
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, program.name)
        shutil.copytree(program, folder, ignore=shutil.ignore_patterns("__pycache__"))
        environment = {**os.environ, **variables, "PATH": path}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)
        try:
            return list(linter.read(done.stdout, folder))
        except (ValueError, OSError, KeyError) as error:
            raise SystemExit(f"{linter.name} on {program.name}: exit status {done.returncode}, {error!r}\n{done.stderr[-2000:]}") from error


def tables(columns: Mapping[str, Column]) -> Iterator[str]:
    """Yield the two tables, with a column for surfacelint and each linter that could be installed."""
    known = verdicts()
    yield from _summary(known, columns)
    yield ""
    yield from _programs(known, columns)


def _summary(known: list[Verdict], columns: Mapping[str, Column]) -> Iterator[str]:
    alarms = {problem: [each for each in known if each.is_alarm and each.problem == problem] for problem in PROBLEMS}
    whole = sum(map(len, alarms.values()))
    heads = [f"{title}, of {len(alarms[problem])}" for problem, title in PROBLEMS.items()]
    yield f"| linter | made for | rules | {' | '.join(heads)} | found, of {whole} | programs with a false report, of {len(known)} |"
    yield f"|---|---|---|{'---|' * len(heads)}---|---|"
    described = {each.name: (f"{each.name} {each.version}", each.purpose, each.rules) for each in PEERS}
    described[OURS] = (OURS, "LLM calls on the wrong surface", "all that are on by default")
    for name, results in columns.items():
        found = [sum(results[each.program].found for each in alarms[problem]) for problem in PROBLEMS]
        false = sum(bool(each.false) for each in results.values())
        yield f"| {' | '.join(described[name])} | {' | '.join(map(str, found))} | {sum(found)} | {false} |"


def _programs(known: list[Verdict], columns: Mapping[str, Column]) -> Iterator[str]:
    for title, is_alarm in (("should be reported", True), ("should not be reported", False)):
        yield f"| {title} | why | {' | '.join(columns)} |"
        yield f"|---|---|{'---|' * len(columns)}"
        for verdict in known:
            if verdict.is_alarm == is_alarm:
                cells = [results[verdict.program].text(verdict) for results in columns.values()]
                link = f"[{verdict.program}](../benchmarks/peers/programs/{verdict.program})"
                yield f"| {link} | {verdict.why} | {' | '.join(cells)} |"
        if is_alarm:
            yield ""


def write(page: Path, command: str, marks: tuple[str, str], lines: Iterable[str]) -> None:
    """Replace the text between the marks of a page by the lines that a command prints."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not begin or not end:
        raise SystemExit(f"{page}: no place for the output; add the lines {marks[0]} and {marks[1]}")
    text = "\n".join(["", f"Written by `{command}`:", "", *lines, ""])
    page.write_text(f"{before}{begin}{text}{end}{after}", encoding="utf-8")
