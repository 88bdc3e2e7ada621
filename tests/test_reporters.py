"""What reports look like."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from surfacelint.facts.expressions import Position, Span
from surfacelint.model.findings import Applicability, Edit, Finding, Fix, Location, NewFile, Report, RuleInfo, Severity, TraceStep
from surfacelint.reporters import FORMATS, totals

RULE = RuleInfo("SRF101", "realtime-call-in-loop", Severity.WARNING, True, "A rule.")
NOT_CHECKED = RuleInfo("SRF901", "file-not-checked", Severity.ERROR, True, "A rule.")

SOURCE = """\
from llm import classify

def run(reviews):
    for review in reviews:
        label = classify(review)
        print(label)
"""


def at(path: str, line: int, column: int, end: int, last: int | None = None, cell: int | None = None) -> Location:
    return Location(path, Span(Position(line, column), Position(last or line, end)), cell)


FINDING = Finding(
    rule=RULE,
    message="`classify` runs once per item of `reviews`, no user waits: submit as one batch (OpenAI Batch API, 50% off)",
    location=at("jobs/run.py", 5, 16, 32),
    trace=(
        TraceStep(at("jobs/run.py", 4, 4, 31), "for review in reviews"),
        TraceStep(at("jobs/run.py", 5, 16, 32), "classify(review)"),
        TraceStep(at("llm.py", 12, 11, 70), "client.chat.completions.create(…)"),
    ),
    help="collect the requests and submit them with client.batches.create",
    workload="classify over reviews",
)


def report(*findings: Finding, **changes: object) -> Report:
    whole = Report(findings=findings, suppressed=(), errors=(), files_checked=2, sources=(("jobs/run.py", SOURCE),))
    return replace(whole, **changes)  # type: ignore[arg-type]


def test_full() -> None:
    assert (
        FORMATS["full"](report(FINDING))
        == """\
jobs/run.py:5:17: SRF101 `classify` runs once per item of `reviews`, no user waits: submit as one batch (OpenAI Batch API, 50% off)
  |
4 |     for review in reviews:
5 |         label = classify(review)
  |                 ^^^^^^^^^^^^^^^^
6 |         print(label)
  |
trace:
  1 --> jobs/run.py:4:5: for review in reviews
  2 --> jobs/run.py:5:17: classify(review)
  3 --> llm.py:12:12: client.chat.completions.create(…)
help: collect the requests and submit them with client.batches.create

"""
    )


def test_each_step_of_the_help_is_a_line() -> None:
    steps = replace(FINDING, help="collect the requests\nsubmit the batch")
    assert FORMATS["full"](report(steps)).endswith("\nhelp: collect the requests\nhelp: submit the batch\n\n")


def test_full_without_source_trace_and_help() -> None:
    bare = replace(FINDING, trace=(TraceStep(FINDING.location, "here"),), help="")
    assert FORMATS["full"](report(bare, sources=())) == f"jobs/run.py:5:17: SRF101 {bare.message}\n\n"


@pytest.mark.parametrize(
    ("line", "location", "expected"),
    [
        ("ask(", at("a.py", 1, 0, 1, last=3), ["1 | ask(", "  | ^^^^"]),
        ("\tx = ask(\t1)", at("a.py", 1, 5, 12), ["1 |     x = ask(    1)", "  |         ^^^^^^^^^^"]),
        ("'日本' + ask(1)", at("a.py", 1, 7, 13), ["1 | '日本' + ask(1)", "  |          ^^^^^^"]),
        ("e\u0301 = ask(1)", at("a.py", 1, 5, 11), ["1 | e\u0301 = ask(1)", "  |     ^^^^^^"]),
        ("x = '\x1b[31m' + ask()", at("a.py", 1, 14, 19), ["1 | x = ' [31m' + ask()", "  |               ^^^^^"]),
        ("ask()", at("a.py", 1, 0, 0), ["1 | ask()", "  | ^"]),
        ("\n", at("a.py", 1, 0, 0), ["1 |", "  | ^"]),
    ],
)
def test_marks(line: str, location: Location, expected: list[str]) -> None:
    text = FORMATS["full"](report(replace(FINDING, location=location, trace=()), sources=(("a.py", line),)))
    assert text.splitlines()[2:4] == expected


def test_long_files_keep_the_gutter_straight() -> None:
    location = at("a.py", 99, 0, 1)
    text = FORMATS["full"](report(replace(FINDING, location=location, trace=(), help=""), sources=(("a.py", "x\n" * 120),)))
    assert text.splitlines()[1:] == ["    |", " 98 | x", " 99 | x", "    | ^", "100 | x", "    |", ""]


def test_a_line_beyond_the_source_is_left_out() -> None:
    text = FORMATS["full"](report(replace(FINDING, location=at("jobs/run.py", 99, 0, 1), trace=(), help="")))
    assert text.count("\n") == 2


def test_concise() -> None:
    assert FORMATS["concise"](report(FINDING, FINDING)) == f"jobs/run.py:5:17: SRF101 {FINDING.message}\n" * 2


def test_messages_stay_on_their_line() -> None:
    assert FORMATS["concise"](report(replace(FINDING, message="a\nb\x1b[0m"))) == "jobs/run.py:5:17: SRF101 a b [0m\n"


def test_notebooks_name_the_cell() -> None:
    notebook = replace(FINDING, location=at("n.ipynb", 1, 4, 9, cell=3), trace=(TraceStep(at("n.ipynb", 1, 0, 3, cell=2), "for x in xs"),))
    whole = report(notebook, sources=(("n.ipynb:cell 3", "y = ask()\n"),))
    assert FORMATS["concise"](whole).startswith("n.ipynb:cell 3:1:5: SRF101 ")
    assert "1 | y = ask()\n  |     ^^^^^\n" in FORMATS["full"](whole)
    assert "  1 --> n.ipynb:cell 2:1:1: for x in xs\n" in FORMATS["full"](whole)
    assert json.loads(FORMATS["json"](whole))[0]["cell"] == 3


def test_colour() -> None:
    for name in ("full", "concise"):
        coloured = FORMATS[name](report(FINDING), colour=True)
        assert "\x1b[1;31mSRF101\x1b[0m" in coloured
        plain = coloured
        for code in ("\x1b[1;31m", "\x1b[1;34m", "\x1b[1;36m", "\x1b[0m"):
            plain = plain.replace(code, "")
        assert plain == FORMATS[name](report(FINDING))
    assert FORMATS["json"](report(FINDING), colour=True) == FORMATS["json"](report(FINDING))


def test_json() -> None:
    assert json.loads(FORMATS["json"](report(FINDING))) == [
        {
            "cell": None,
            "code": "SRF101",
            "end_location": {"column": 33, "row": 5},
            "filename": "jobs/run.py",
            "fix": None,
            "help": FINDING.help,
            "location": {"column": 17, "row": 5},
            "message": FINDING.message,
            "name": "realtime-call-in-loop",
            "noqa_row": 5,
            "refusal": None,
            "severity": "warning",
            "trace": [
                {"cell": None, "filename": "jobs/run.py", "location": {"column": 5, "row": 4}, "note": "for review in reviews"},
                {"cell": None, "filename": "jobs/run.py", "location": {"column": 17, "row": 5}, "note": "classify(review)"},
                {"cell": None, "filename": "llm.py", "location": {"column": 12, "row": 12}, "note": "client.chat.completions.create(…)"},
            ],
            "url": None,
            "workload": "classify over reviews",
        }
    ]


def test_nothing_found() -> None:
    assert {name: FORMATS[name](report()) for name in ("full", "concise", "json")} == {"full": "", "concise": "", "json": "[]\n"}


OTHER = replace(FINDING, rule=NOT_CHECKED)


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        (report(), "All clear: 2 files checked."),
        (report(files_checked=1, suppressed=(FINDING,)), "All clear: 1 file checked, 1 finding suppressed."),
        (report(FINDING), "Found 1 finding (2 files checked)."),
        (report(FINDING, FINDING, OTHER), "Found 2 findings (2 files, 1 could not be checked)."),
        (report(OTHER), "No findings, but not everything could be checked (2 files, 1 could not be checked)."),
        (report(errors=("x.py does not exist",)), "No findings, but not everything could be checked (2 files checked)."),
    ],
)
def test_summary(whole: Report, expected: str) -> None:
    assert totals.summary(whole) == expected


def test_statistics() -> None:
    whole = report(*[FINDING] * 10, OTHER)
    assert totals.statistics(whole) == "10  SRF101  realtime-call-in-loop\n 1  SRF901  file-not-checked\n"
    assert json.loads(totals.statistics_json(whole)) == [
        {"code": "SRF101", "count": 10, "name": "realtime-call-in-loop"},
        {"code": "SRF901", "count": 1, "name": "file-not-checked"},
    ]
    assert (totals.statistics(report()), totals.statistics_json(report())) == ("", "[]\n")


SAFE = Fix("remove the keyword", (Edit("jobs/run.py", Span(Position(5, 16), Position(5, 24)), "ask"),), Applicability.SAFE)
UNSAFE = replace(SAFE, message="submit one batch", applicability=Applicability.UNSAFE, files=(NewFile("llm_batch.py", "x = 1\n"),))
SKETCH = Fix("`total` carries from one item to the next", (Edit("", FINDING.location.span, "\tjob()\n\nwait()\n"),), Applicability.DISPLAY)


def shown(name: str, **changes: object) -> str:
    return FORMATS[name](report(replace(FINDING, trace=(), **changes)))  # type: ignore[arg-type]


class TestFixes:
    @pytest.mark.parametrize("name", ["full", "concise", "junit"])
    def test_a_mark_says_that_a_fix_can_be_applied(self, name: str) -> None:
        head = "jobs/run.py:5:17: SRF101"
        assert f"{head} [fix] `classify` runs" in shown(name, fix=SAFE)
        assert f"{head} [fix] `classify` runs" in shown(name, fix=UNSAFE)
        assert f"{head} `classify` runs" in shown(name, fix=SKETCH)
        assert f"{head} `classify` runs" in shown(name, refusal="because")

    @pytest.mark.parametrize("name", ["full", "github", "rdjson"])
    def test_fixes_and_reasons_follow_the_help(self, name: str) -> None:
        def text(**changes: object) -> str:
            return shown(name, **changes).replace("%0A", "\n").replace("\\n", "\n").replace("\\t", "\t")

        assert "client.batches.create\nfix: remove the keyword" in text(fix=SAFE)
        assert "client.batches.create\nunsafe fix: submit one batch" in text(fix=UNSAFE)
        assert "client.batches.create\nno fix: `total` carries from one item to the next\n        job()\n\n    wait()" in text(fix=SKETCH)
        assert "client.batches.create\nno fix: the rule has none" in text(refusal="the rule has none")
        assert "client.batches.create\nno fix: it breaks\n        job()" in text(refusal="it breaks", fix=SKETCH)

    def test_json(self) -> None:
        (found,) = json.loads(shown("json", fix=UNSAFE))
        assert found["fix"] == {
            "applicability": "unsafe",
            "edits": [
                {
                    "cell": None,
                    "content": "ask",
                    "end_location": {"column": 25, "row": 5},
                    "filename": "jobs/run.py",
                    "location": {"column": 17, "row": 5},
                }
            ],
            "files": [{"content": "x = 1\n", "filename": "llm_batch.py"}],
            "message": "submit one batch",
        }
        assert json.loads(shown("json", refusal="because"))[0]["refusal"] == "because"

    @pytest.mark.parametrize("name", ["markdown", "html", "gitlab", "sarif"])
    def test_other_formats_say_it_in_words(self, name: str) -> None:
        assert "submit one batch" in shown(name, fix=UNSAFE)
        assert "no fix: it breaks" in shown(name, refusal="it breaks")
        assert ("job()" in shown(name, fix=SKETCH)) is (name != "gitlab")

    def test_code_in_markdown_stays_code(self) -> None:
        edit = replace(SKETCH.edits[0], text='x = """\n```\n@everyone\n````\n"""')
        text = shown("markdown", fix=replace(SKETCH, edits=(edit,)))
        assert '\n`````python\nx = """\n```\n@everyone\n````\n"""\n`````\n' in text

    @pytest.mark.parametrize(
        ("fixes", "unsafe", "expected"),
        [
            ([], False, ""),
            ([SKETCH, None], True, ""),
            ([SAFE], False, "1 fixable with `--fix`."),
            ([UNSAFE] * 7, False, "7 fixable with `--unsafe-fixes`."),
            ([SAFE, SAFE, UNSAFE], False, "2 fixable with `--fix`, 1 more with `--unsafe-fixes`."),
            ([SAFE, SAFE, UNSAFE], True, "3 fixable with `--fix`."),
        ],
    )
    def test_the_number_of_fixes(self, fixes: list[Fix | None], unsafe: bool, expected: str) -> None:
        assert totals.fixable(report(*(replace(FINDING, fix=each) for each in fixes)), unsafe) == expected
