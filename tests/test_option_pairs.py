"""Every pair of options of `check` works together, or is refused with one line. Nothing has no effect without a word."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import click
import doors
import pytest
from click.testing import CliRunner, Result
from test_cli import SEPARATE

from surfacelint import cli
from surfacelint.cli import watching
from surfacelint.cli.check import check
from surfacelint.system.file_dependencies import Dependencies

JOB = "import openai\n\nfor row in open('rows.txt'):\n    print(openai.responses.create(input=row))\n"

VALUES = {
    "baseline": "known.json",
    "batch_module": "batches",
    "cache_dir": "cache",
    "color": "never",
    "config": "min-items=50",
    "diff_base": "HEAD",
    "exclude": "gone.py",
    "extend_exclude": "gone.py",
    "extend_ignore": "SRF2",
    "extend_include": "*.pyw",
    "extend_select": "SRF106",
    "fail_on": "info",
    "ignore": "SRF2",
    "include": "*.py",
    "jobs": "1",
    "min_calls_per_day": "1000",
    "min_items": "100",
    "output_file": "report.txt",
    "output_format": "concise",
    "per_file_ignores": "gone.py:SRF1",
    "reason": "as it was",
    "select": "SRF1",
    "severity": "SRF101:error",
    "stdin_filename": "job.py",
}
"""A value for each option that takes one."""

OPTIONS = {
    str(param.name): param
    for param in check.get_params(click.Context(check, help_option_names=["-h", "--help"]))  # click keeps the option of the first context
    if isinstance(param, click.Option) and param.name != "help" and not str(param.name).startswith("_")
}
PAIRS = list(combinations(sorted(OPTIONS), 2))

REFUSED = frozenset(
    {
        *(tuple(sorted(("watch", other))) for other in ("add_ignores", "diff", "fix", "show_files", "show_settings")),
        *(tuple(sorted(("diff_base", other))) for other in ("add_ignores", "diff", "fix", "unsafe_fixes", "show_files", "show_settings")),
        *(("diff", "statistics"), ("add_ignores", "output_file"), ("add_ignores", "statistics"), ("quiet", "verbose")),
        *(tuple(sorted(("show_files", other))) for other in ("add_ignores", "diff", "exit_zero", "fix", "output_file", "reason")),
        *(tuple(sorted(("show_files", other))) for other in ("show_settings", "statistics", "timings", "unsafe_fixes", "verbose")),
        *(tuple(sorted(("show_settings", other))) for other in ("add_ignores", "diff", "exit_zero", "fix", "output_file", "reason")),
        *(tuple(sorted(("show_settings", other))) for other in ("statistics", "timings", "unsafe_fixes", "verbose")),
    }
)
"""The pairs that do not go together."""

STDIN_REFUSES = frozenset({"fix", "diff", "add_ignores", "watch"})


def interrupted(_: Dependencies) -> None:
    raise KeyboardInterrupt


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "surfacelint.toml").touch()
    doors.Sandbox(tmp_path).commit(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(watching, "wait_for_change", interrupted)
    monkeypatch.setenv("SURFACELINT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


def words(name: str) -> list[str]:
    flag = next(each for each in OPTIONS[name].opts if each.startswith("--"))
    return [flag, VALUES[name]] if name in VALUES else [flag]


def run(project: Path, *names: str) -> Result:
    """Check one job with some options, from the same start each time."""
    for left in ("report.txt", "batches.py", "llm_batch.py"):
        (project / left).unlink(missing_ok=True)
    (project / "job.py").write_text(JOB, encoding="utf-8")
    (project / "known.json").write_text('{"version": 1, "findings": []}', encoding="utf-8")
    place = "-" if "stdin_filename" in names else "job.py"
    arguments = ["check", *(word for name in names for word in words(name)), place]
    return CliRunner(**SEPARATE).invoke(cli.main, arguments, input=JOB if place == "-" else None)


def is_refused(names: tuple[str, ...]) -> bool:
    stdin = "stdin_filename" in names and not STDIN_REFUSES.isdisjoint(names)
    return names in REFUSED or stdin or ("reason" in names and "add_ignores" not in names)


def test_every_pair(project: Path) -> None:
    wrong = []
    for names in PAIRS:
        result = run(project, *names)
        if is_refused(names):
            lines = result.stderr.splitlines()
            good = (result.exit_code, result.stdout, len(lines)) == (2, "", 1) and lines[0].endswith("see `surfacelint check --help`")
        else:
            good = result.exit_code in (0, 1) and _has_effects(project, result, names)
        if not good:
            wrong.append((names, result.exit_code, result.output))
    assert wrong == []


def _has_effects(project: Path, result: Result, names: tuple[str, ...]) -> bool:
    """Whether each option did what it promises."""
    changed = (project / "job.py").read_text(encoding="utf-8") != JOB
    only_shown = not {"show_files", "show_settings"}.isdisjoint(names)
    file = project / "report.txt"
    said = file.read_text(encoding="utf-8") if file.exists() else result.stdout
    checks = {
        "add_ignores": changed or "diff" in names,
        "diff": not changed,
        "statistics": "realtime-call-in-loop" in said and "job.py:" not in said,
        "output_file": file.exists() and "job.py:" not in result.stdout,
        "exit_zero": result.exit_code == 0,
        "quiet": "Found " not in result.stdout and "Added " not in result.stdout and result.stderr == "",
        "verbose": "settings: " in result.stderr,
        "timings": "timing: " in result.stderr,
        "show_files": "job.py" in result.stdout,
        "show_settings": "# project: " in result.stdout,
        "reason": "add_ignores" in names and "as it was" in (project / "job.py").read_text(encoding="utf-8") + result.stdout,
    }
    if only_shown or ("quiet" in names and "timings" in names):
        checks["quiet"] = True
    return all(checks.get(name, True) for name in names)


def matrix() -> str:
    """Return all pairs as a table, for people: `x` is refused, `.` works."""
    names = sorted(OPTIONS)
    rows = []
    for number, name in enumerate(names):
        marks = ["x" if is_refused((each, name)) else "." for each in names[:number]]
        rows.append(" | ".join(["| --" + name.replace("_", "-"), *marks]))
    return "\n".join(rows) + "\n"
