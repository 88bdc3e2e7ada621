"""The comparison of linters: verdicts fit their programs, the page shows what surfacelint finds, and reports are read as they are."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import doors
import pytest

sys.path.append(str(doors.REPOSITORY))

from benchmarks.peers import page
from benchmarks.peers.linters import PEERS, Linter
from benchmarks.peers.verdicts import PROBLEMS, PROGRAMS, Outcome, Place, Report, Verdict, outcome, verdicts

PAGE = doors.REPOSITORY / "docs" / "comparison.md"
VERDICTS = verdicts()


def rows(text: str) -> list[list[str]]:
    """Return the cells of all table rows between the marks of the page."""
    block = text.partition(page.BEGIN)[2].partition(page.END)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines() if line.startswith("|")]


def test_each_program_has_a_verdict() -> None:
    assert sorted(each.program for each in VERDICTS) == sorted(path.name for path in PROGRAMS.iterdir())
    assert len(VERDICTS) == 60
    kinds = Counter((each.problem, each.is_alarm) for each in VERDICTS)
    assert set(kinds) == {(problem, is_alarm) for problem in PROBLEMS for is_alarm in (True, False)}
    assert all(number >= 5 for number in kinds.values())


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda verdict: verdict.program)
def test_verdicts_name_lines_with_code(verdict: Verdict) -> None:
    for place in verdict.right_places:
        line = Path(PROGRAMS, verdict.program, place.file).read_text(encoding="utf-8").splitlines()[place.line - 1]
        assert line.strip(" ()[]"), place
    assert verdict.why.endswith(".")


def test_the_page_shows_what_surfacelint_finds() -> None:
    found = page.own_column()
    shown = rows(PAGE.read_text(encoding="utf-8"))
    cells = {name: row[2] for row in shown for name in (row[0].partition("]")[0].lstrip("["),) if name in found}
    assert cells == {each.program: found[each.program].text(each) for each in VERDICTS}
    own_rows = [line for line in page.tables({page.OURS: found}) if line.startswith(f"| {page.OURS} |")]
    assert [row for row in shown if row[0] == page.OURS] == [[cell.strip() for cell in line.strip("|").split("|")] for line in own_rows]


def test_the_page_shows_the_pinned_versions() -> None:
    linters = [row[0] for row in rows(PAGE.read_text(encoding="utf-8"))]
    assert [linter.name for linter in PEERS if f"{linter.name} {linter.version}" not in linters] == []
    assert page.COMMAND in PAGE.read_text(encoding="utf-8")


def test_outcomes() -> None:
    verdict = Verdict("a", "realtime", Place("job.py", 4), frozenset({Place("job.py", 3)}), "Because.")

    def compared(*reports: Report) -> Outcome:
        return outcome(verdict, iter(reports), page.FAMILIES)

    header, elsewhere, other = (Report(Place("job.py", line), code) for line, code in ((3, "SRF101"), (9, "SRF101"), (4, "SRF501")))
    assert compared() == Outcome(False, 0)
    assert compared(header) == Outcome(True, 0)
    assert compared(header, elsewhere, elsewhere, other) == Outcome(True, 2)
    assert outcome(verdict, [other], {}) == Outcome(True, 0)
    assert [each.text(verdict) for each in (Outcome(True, 0), Outcome(False, 0), Outcome(False, 1))] == ["✓", "missed", "missed, false"]


OUTPUTS = {
    "agentguard-lint": json.dumps({"findings": [{"path": "./a.py", "line": 3, "rule": "AG004"}]}),
    "overllm": json.dumps([{"path": "a.py", "line": 3, "rule": "llm-in-loop"}]),
    "coffer-cli": json.dumps(
        [{"file": "a.py", "line": 3, "pattern": "llm_in_for_loop"}, {"file": "a.py", "line": 4, "pattern": "missing_max_tokens"}]
    ),
    "tokenlint": "  a.py\n    WARN R002-no-max-tokens  line 3\n    WARN R004-llm-call-in-loop  line 3\n",
    "Semgrep": json.dumps({"results": [{"path": "a.py", "start": {"line": 3}, "check_id": "rules.request-per-item"}]}),
    "Fixit": "a.py:3:0: RequestInLoop\n",
    "flake8-async": "./a.py:3:14: ASYNC200 User-configured blocking sync call\n",
    "ruff": "a.py:3:14: ASYNC210 Async functions should not call blocking HTTP methods\n",
    "flake8-bugbear": "./a.py:3:9: B007 Loop control variable 'x' not used within the loop body.\n",
}


@pytest.mark.parametrize("linter", [linter for linter in PEERS if linter.name in OUTPUTS], ids=lambda linter: linter.name)
def test_reports_are_read(linter: Linter, tmp_path: Path) -> None:
    assert [report.place for report in linter.read(OUTPUTS[linter.name], tmp_path)] == [Place("a.py", 3)]


def test_reports_of_trainlab_are_read(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    findings = [{"rule": "R104", "call_site_ids": ["x"]}, {"rule": "R105", "call_site_ids": ["x"]}]
    report = {"scan": {"call_sites": [{"id": "x", "path": "a.py", "line": 3}]}, "findings": findings}
    (tmp_path / "out" / "trainlab-report.json").write_text(json.dumps(report), encoding="utf-8")
    (linter,) = (linter for linter in PEERS if linter.name not in OUTPUTS)
    assert list(linter.read("", tmp_path)) == [Report(Place("a.py", 3), "R104")]


def test_a_page_without_marks(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("nothing", encoding="utf-8")
    with pytest.raises(SystemExit, match="add the lines"):
        page.write(tmp_path / "page.md", "command", (page.BEGIN, page.END), ["| a |"])
    (tmp_path / "page.md").write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n", encoding="utf-8")
    page.write(tmp_path / "page.md", "command", (page.BEGIN, page.END), ["| a |"])
    assert rows((tmp_path / "page.md").read_text(encoding="utf-8")) == [["a"]]
