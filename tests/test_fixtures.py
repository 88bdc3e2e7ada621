"""Small programs with what a good reviewer would say, written beside the lines.

A fixture is a folder `fixtures/<area>/<name>/` of real files, a project of its own. A comment on a line says what is found there:

- `# expect: SRF101` or `# expect: SRF101 "part of the message", SRF202`: exactly these findings.
- `# miss: SRF101`: an alarm that a reviewer would raise and we do not, yet. It fails as soon as we do, to become an `expect`.
- `# silent: SRF101 reason`: looks like an alarm and is none. Like every line without a comment it must stay silent.

Programs in `fixtures/pending` show alarms that are false; they fail as soon as they are right, to be moved to their area.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from surfacelint.config import Config, discover
from surfacelint.model.findings import Applicability, Finding, Report
from surfacelint.model.workloads import Program
from surfacelint.pipeline import engine
from surfacelint.pipeline.fix_building import UNSEEN, completed
from surfacelint.reading.source_reader import Sources
from surfacelint.rules import RULES

FIXTURES = Path(__file__).parent / "fixtures"
PROGRAMS = sorted(path for path in FIXTURES.glob("*/*") if path.is_dir())
PENDING = "pending"
UNREADABLE = "newer/template_strings"
"""The program that LibCST cannot parse, because it joins template strings. Its findings have no fix."""

LONGEST_SKETCH = 15
"""Lines."""

_CLAIM = re.compile(r'(SRF\d{3})(?:\s+"([^"]*)")?')
_COMMENT = re.compile(r"#\s*(expect|miss|silent)\b(.*?)(?=#\s*(?:expect|miss|silent)\b|$)")
_CLAIMS = re.compile(rf"\s*:\s*{_CLAIM.pattern}(?:\s*,\s*{_CLAIM.pattern})*\s*")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a comment says about its line. `text` is a part of the message, or, for look-alikes, nothing."""

    kind: str
    path: str
    line: int
    code: str
    text: str = ""


def claims(program: Path) -> list[Claim]:
    """Return what the comments of a program say. A comment that is spelled wrongly is an error, not nothing."""
    return [claim for path in sorted(program.rglob("*.py")) for claim in _claims_of(path, path.relative_to(program).as_posix())]


def _claims_of(path: Path, shown: str) -> Iterator[Claim]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        for kind, rest in _COMMENT.findall(line):
            codes = re.match(r"\s*:\s*SRF\d{3}(?:\s*,\s*SRF\d{3})*(?:\s|$)", rest) if kind == "silent" else _CLAIMS.fullmatch(rest)
            if codes is None:
                raise ValueError(f"{path}:{number}: cannot understand {kind}{rest!r}")
            for code, text in _CLAIM.findall(codes.group()):
                yield Claim(kind, shown, number, code, text)


def check(program: Path) -> list[str]:
    """Return a sentence for each line of a program at which the findings are not those that its comments ask for."""
    config = replace(discover([program]), root=program) if (program / "surfacelint.toml").is_file() else Config(root=program)
    report = engine.run([program], config)
    found: dict[tuple[str, int], list[Finding]] = {}
    for finding in report.findings:
        path = Path(finding.location.path).resolve().relative_to(program).as_posix()
        found.setdefault((path, finding.location.span.start.line), []).append(finding)
    claimed: dict[tuple[str, int], list[Claim]] = {}
    for claim in claims(program):
        claimed.setdefault((claim.path, claim.line), []).append(claim)
    problems = list(report.errors)
    for path, line in sorted({*found, *claimed}):
        where = f"{program.relative_to(FIXTURES.parent).as_posix()}/{path}:{line}"
        problems += [f"{where}: {problem}" for problem in _compare(claimed.get((path, line), []), found.get((path, line), []))]
    return problems


def _compare(claimed: list[Claim], found: list[Finding]) -> Iterator[str]:
    got = "; ".join(f"{finding.rule.code} {finding.message}" for finding in found) or "nothing"
    missed = {claim.code for claim in claimed if claim.kind == "miss"}
    for code in sorted(missed & {finding.rule.code for finding in found}):
        yield f"{code} is found now: turn the comment into '# expect: {code}'"
    expected = [claim for claim in claimed if claim.kind == "expect"]
    codes = Counter(finding.rule.code for finding in found if finding.rule.code not in missed)
    if codes != Counter(claim.code for claim in expected):
        yield f"expected {', '.join(claim.code for claim in expected) or 'nothing'}, got {got}"
    for claim in expected:
        if claim.code in codes and not any(claim.code == finding.rule.code and claim.text in finding.message for finding in found):
            yield f"expected {claim.code} with {claim.text!r}, got {got}"


def _parameter(program: Path) -> object:
    marks = [pytest.mark.xfail(strict=True, reason="a false alarm")] if program.parent.name == PENDING else []
    return pytest.param(program, id=f"{program.parent.name}/{program.name}", marks=marks)


@pytest.fixture(autouse=True)
def _completed_from_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check what is added to the findings of each run: visitors see every construct where the analysis does, and sketches are code."""

    def checked(report: Report, program: Program, sources: Sources, batch_module: str, fixes: bool, settings: Callable[[], str]) -> Report:
        whole = completed(report, program, sources, batch_module, fixes, settings)
        places = [[(each.rule.code, each.location, each.function) for each in some.findings] for some in (report, whole)]
        assert Counter(places[0]) == Counter(places[1])
        for finding in whole.findings:
            is_readable = UNREADABLE not in finding.location.path
            assert (finding.refusal != UNSEEN) is is_readable, f"{finding.location}: {finding.message}"
            if finding.fix is not None and finding.fix.applicability is Applicability.DISPLAY:
                (edit,) = finding.fix.edits
                assert len(edit.text.split("\n")) <= LONGEST_SKETCH
                ast.parse(textwrap.dedent(edit.text))
        return whole

    monkeypatch.setattr(engine, "completed", checked)


@pytest.mark.parametrize("program", [_parameter(program) for program in PROGRAMS])
def test_findings_are_those_that_the_comments_ask_for(program: Path) -> None:
    problems = check(program)
    assert not problems, "\n" + "\n".join(problems)


@pytest.mark.parametrize("program", [_parameter(program) for program in PROGRAMS if program.parent.name != PENDING])
def test_every_program_says_something(program: Path) -> None:
    assert claims(program), "a program without any comment of ours shows nothing"


@pytest.mark.parametrize("code", [rule.code for rule in RULES if not rule.code.startswith("SRF9")])
def test_every_rule_has_an_alarm_and_a_look_alike(code: str) -> None:
    kinds = {claim.kind for program in PROGRAMS if program.parent.name != PENDING for claim in claims(program) if claim.code == code}
    assert {"expect", "silent"} <= kinds


class TestComments:
    """The comments themselves, so that none is overlooked."""

    @pytest.mark.parametrize(
        "comment", ["# expect SRF101", "# expect: SRF1", "# miss: loops", "# silent: because", "# expect: SRF101 text"]
    )
    def test_what_is_spelled_wrongly_is_an_error(self, comment: str, tmp_path: Path) -> None:
        (tmp_path / "job.py").write_text(f"ask()  {comment}\n", encoding="utf-8")
        with pytest.raises(ValueError, match=r"job\.py:1: cannot understand"):
            claims(tmp_path)

    def test_a_line_can_carry_several(self, tmp_path: Path) -> None:
        (tmp_path / "job.py").write_text('ask()  # expect: SRF101 "per item", SRF202  # miss: SRF303\n', encoding="utf-8")
        assert claims(tmp_path) == [
            Claim("expect", "job.py", 1, "SRF101", "per item"),
            Claim("expect", "job.py", 1, "SRF202"),
            Claim("miss", "job.py", 1, "SRF303"),
        ]

    def test_look_alikes_may_have_a_reason(self, tmp_path: Path) -> None:
        (tmp_path / "job.py").write_text("ask()  # silent: SRF101, SRF102 only a retry\n", encoding="utf-8")
        assert [(claim.kind, claim.code) for claim in claims(tmp_path)] == [("silent", "SRF101"), ("silent", "SRF102")]
