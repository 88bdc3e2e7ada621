"""The linters that are compared: pinned versions, and for each its best settings for the three problems."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.peers.verdicts import HERE, Place, Report

RULES = HERE / "rules"

Reader = Callable[[str, Path], Iterator[Report]]
"""Reads the reports from standard output, or from what the linter wrote into the folder of the program."""

_BLOCKING = ",".join(
    f"*.{path}->the_async_client"
    for path in (
        "completions.create",
        "responses.create",
        "embeddings.create",
        "messages.create",
        "models.generate_content",
        "chat.complete",
    )
)

_LINE = re.compile(r"^(?:\./)?(?P<file>[^\s:][^:]*\.py):(?P<line>\d+):\d+:? *(?P<code>[A-Za-z]+\d*)", re.MULTILINE)
_TOKENLINT_FILE = re.compile(r"^  (\S+\.py)$")
_TOKENLINT_RULE = re.compile(r"^    (?:FAIL|WARN|INFO) (\S+)\s+line (\d+)")


@dataclass(frozen=True, slots=True)
class Linter:
    """A linter, started in the folder of a program. RULES in its command stands for the folder of our rules."""

    name: str
    requirements: tuple[str, ...]
    purpose: str
    rules: str
    command: tuple[str, ...]
    read: Reader
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """The pinned version."""
        return self.requirements[0].partition("==")[2]


def _lines(output: str, _folder: Path) -> Iterator[Report]:
    """Read the lines `path:row:column: CODE message`."""
    for found in _LINE.finditer(output):
        yield Report(Place(found["file"], int(found["line"])), found["code"])


def _rows(rows: Any, file: str, code: str) -> Iterator[Report]:
    for row in rows:
        yield Report(Place(str(row[file]).removeprefix("./"), int(row["line"])), str(row[code]))


def _list_of_rows(file: str, code: str, *only: str) -> Reader:
    """Return a reader of a JSON list of findings with a key `line`."""

    def read(output: str, _folder: Path) -> Iterator[Report]:
        found = json.loads(output)
        for report in _rows(found if isinstance(found, list) else found["findings"], file, code):
            if not only or report.code in only:
                yield report

    return read


def _semgrep(output: str, _folder: Path) -> Iterator[Report]:
    for found in json.loads(output)["results"]:
        yield Report(Place(found["path"].removeprefix("./"), found["start"]["line"]), found["check_id"].rpartition(".")[2])


def _tokenlint(output: str, _folder: Path) -> Iterator[Report]:
    file = ""
    for line in output.splitlines():
        if found := _TOKENLINT_FILE.match(line):
            file = found[1]
        elif (found := _TOKENLINT_RULE.match(line)) and found[1].startswith("R004-llm-call-in-loop"):
            yield Report(Place(file, int(found[2])), found[1])


def _trainlab(_output: str, folder: Path) -> Iterator[Report]:
    report = json.loads((folder / "out" / "trainlab-report.json").read_text(encoding="utf-8"))
    sites = {site["id"]: Place(site["path"], site["line"]) for site in report["scan"]["call_sites"]}
    for found in report["findings"]:
        if found["rule"] in ("R104", "R109"):
            for number in found["call_site_ids"]:
                yield Report(sites[number], found["rule"])


PEERS = (
    Linter(
        "agentguard-lint",
        ("agentguard-lint==0.3.1",),
        "cost risks of agents",
        "`AG003`, `AG004`: calls in nested loops, and per item",
        ("agentguard", "--no-costs", "--no-config", "--fail-on=never", "--select=AG003,AG004", "-f", "json", "."),
        _list_of_rows("path", "rule"),
    ),
    Linter(
        "overllm",
        ("overllm==0.7.0",),
        "LLM calls that plain code could replace",
        "`llm-in-loop`",
        ("overllm", "--select=llm-in-loop", "--exit-zero", "--format=json", "."),
        _list_of_rows("path", "rule"),
    ),
    Linter(
        "trainlab-optimize",
        ("trainlab-optimize==0.5.2",),
        "savings, from code and bills",
        "`R104`, `R109`: requests and embeddings in loops",
        ("trainlab", "run", ".", "--include-tests", "--format=json", "--out=out"),
        _trainlab,
    ),
    Linter(
        "coffer-cli",
        ("coffer-cli==0.2.0",),
        "patterns that waste tokens",
        "`llm_in_for_loop`; the last version that scans code",
        ("coffer", "scan", "--json", "."),
        _list_of_rows("file", "pattern", "llm_in_for_loop"),
    ),
    Linter(
        "tokenlint",
        ("tokenlint==0.1.1",),
        "patterns that waste tokens",
        "`R004-llm-call-in-loop`",
        ("tokenlint", "--fail-on=never", "."),
        _tokenlint,
    ),
    Linter(
        "Semgrep",
        ("semgrep==1.185.0",),
        "patterns of one's own, in one file",
        "three rules that we wrote for it",
        (
            "semgrep",
            "scan",
            "--config=RULES/semgrep.yaml",
            "--metrics=off",
            "--disable-version-check",
            "--no-git-ignore",
            "--json",
            "-q",
            ".",
        ),
        _semgrep,
    ),
    Linter(
        "Fixit",
        ("fixit==2.2.1",),
        "rules of one's own, in one file",
        "a rule that we wrote for it: requests in loops",
        (
            *("fixit", "--quiet", "--rules=request_in_loop"),
            *("--output-format=custom", "--output-template={path}:{start_line}:0: {rule_name}", "lint", "."),
        ),
        _lines,
        {"PYTHONPATH": "RULES"},
    ),
    Linter(
        "flake8-async",
        ("flake8-async==26.8.1", "flake8==7.5.0"),
        "mistakes in asynchronous code",
        "`ASYNC110`, `ASYNC200`, `ASYNC21`; told which requests block",
        ("flake8", "--isolated", "--select=ASYNC110,ASYNC200,ASYNC21", f"--async200-blocking-calls={_BLOCKING}", "."),
        _lines,
    ),
    Linter(
        "ruff",
        ("ruff==0.17.6",),
        "bugs and style",
        "`ASYNC110`, `ASYNC21`: polling, and blocking requests in coroutines",
        ("ruff", "check", "--isolated", "--no-cache", "--select=ASYNC110,ASYNC21", "--output-format=concise", "-q", "."),
        _lines,
    ),
    Linter(
        "flake8-bugbear",
        ("flake8-bugbear==26.10.27", "flake8==7.5.0"),
        "likely bugs",
        "`B007`: loops that do not use their variable",
        ("flake8", "--isolated", "--select=B007", "."),
        _lines,
    ),
)
"""Linters with a rule that could say something about a problem, roughly by how close they come."""
