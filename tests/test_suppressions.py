"""Which comments silence which findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from surfacelint.config import Config
from surfacelint.facts.expressions import Position, Span
from surfacelint.model.findings import Finding, Location, RuleInfo, Severity, SuppressedBy
from surfacelint.pipeline import engine
from surfacelint.suppressions import comment_edits
from surfacelint.suppressions.comment_parsing import lay_out, read
from surfacelint.suppressions.matching import certainly_unused, match_suppressions

RULE = RuleInfo("SRF101", "realtime-call-in-loop", Severity.WARNING, True, "A rule.")
NOT_CHECKED = RuleInfo("SRF901", "file-not-checked", Severity.ERROR, True, "A rule.")


def finding(first: int = 2, last: int = 2, rule: RuleInfo = RULE, path: str = "a.py", cell: int | None = None) -> Finding:
    return Finding(rule, "message", Location(path, Span(Position(first, 4), Position(last, 9)), cell))


def silenced(text: str, first: int = 2, last: int = 2) -> bool:
    outcome = match_suppressions([finding(first, last)], {"a.py": read(text)})
    assert len(outcome.live) + len(outcome.suppressed) == 1
    return bool(outcome.suppressed)


LOOP = """\
from openai import OpenAI

for line in open("questions.txt"):
    OpenAI().responses.create(model="gpt-5", input=line)  {comment}
"""


@pytest.mark.parametrize("comment", ["# surfacelint: ignore[SRF101]", "# SurfaceLint: ignore[SRF101]", "# noqa: SRF101", "# NOQA: SRF101"])
def test_files_with_comments_are_found_in_whatever_case(comment: str, tmp_path: Path) -> None:
    (tmp_path / "job.py").write_text(LOOP.format(comment=comment), encoding="utf-8")
    report = engine.run([tmp_path], Config(root=tmp_path))
    assert (report.findings, len(report.suppressed)) == ((), 1)


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# noqa", True),
        ("# NOQA", True),
        ("# noqa: SRF101", True),
        ("# noqa:SRF101", True),
        ("# NoQA: E501,SRF101", True),
        ("# noqa: E501, SRF101", True),
        ("# noqa: E501 SRF101", True),
        ("# noqa: SRF1", True),
        ("# noqa: S101", False),
        ("# noqa: SRF102", False),
        ("# noqa: E501", False),
        ("# noqa: srf101", False),
        ("# noqa : SRF102", True),
        ("# noqa SRF101", True),
        ("# noqa: SRF", True),
        ("# noqa: SRF101E501", False),
        ("# noqa: E501SRF101", False),
        ("# noqa: SRF101E501, SRF101", True),
        ("# noqa : E501", True),
        ("# surfacelint: ignore [SRF101]", False),
        ("# surfacelint: ignore=SRF101", False),
        ("# surfacelint: ignore[SRF101] forty a night", True),
        ("#noqa", True),
        ("#  noqa", True),
        ("#noqa: SRF101", True),
        ("#noqa:SRF102", False),
        ("#noqa: SRF101  # noqa: E501", True),
        ("#xnoqa", False),
        ("# because of the limit  # noqa: SRF101", True),
        ("# surfacelint: ignore[SRF101] -- twelve items at most", True),
        ("# surfacelint: ignore[SRF102, SRF101]", True),
        ("# surfacelint: ignore[realtime-call-in-loop]", True),
        ("# surfacelint: ignore[SRF102]", False),
        ("# surfacelint: ignore[]", False),
        ("# surfacelint: ignore[SRF101", False),
        ("# surfacelint: ignored", False),
        ("# surfacelint: ignore -- not now", True),
        ("#surfacelint:ignore[SRF1]", True),
        ("# type: ignore # surfacelint: ignore[SRF101]", True),
        ("# surfacelint: one-off", False),
        ("# flake8: noqa", False),
    ],
)
def test_comment_on_the_line(comment: str, expected: bool) -> None:
    assert silenced(f"for x in xs:\n    ask(x)  {comment}\n") is expected


CALL = """\
for x in xs:  {0}
    ask(  {1}
        x,  {2}
    )  {3}
    done()  {4}
"""


@pytest.mark.parametrize(("place", "expected"), [(0, False), (1, True), (2, True), (3, True), (4, False)])
@pytest.mark.parametrize("comment", ["# noqa: SRF101", "# surfacelint: ignore[SRF101]"])
def test_any_line_of_the_call_counts(place: int, expected: bool, comment: str) -> None:
    comments = [comment if index == place else "" for index in range(5)]
    assert silenced(CALL.format(*comments), 2, 4) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# surfacelint: ignore-file\nask(x)\n", True),
        ("ask(y)\nask(x)\n# surfacelint: ignore-file -- generated\n", True),
        ("ask(y)  # surfacelint: ignore-file[SRF1]\nask(x)\n", True),
        ("# surfacelint: ignore-file[SRF2]\nask(x)\n", False),
        ("# flake8: noqa\nask(x)\n", True),
        ("    # FLAKE8: NOQA\nask(x)\n", True),
        ("ask(y)  # flake8: noqa\nask(x)\n", False),
        ('"""\n# flake8: noqa\n"""\nask(x)\n', False),
    ],
)
def test_whole_file(text: str, expected: bool) -> None:
    assert silenced(text) is expected


def test_strings_are_no_comments() -> None:
    assert not silenced('for x in xs:\n    ask("# noqa", x)\n')
    assert not silenced('for x in xs:\n    ask("""\n# noqa\n""")\n', 2, 4)


@pytest.mark.parametrize(
    "text", ["(\n    ask(x)  # noqa: SRF101\n", "x = '''\n    ask(x)  # noqa: SRF101\n", "if x:\n    y\n  ask(x)  # noqa\n"]
)
def test_text_that_cannot_be_tokenized_is_read_by_line(text: str) -> None:
    line = next(number for number, line in enumerate(text.splitlines(), start=1) if "noqa" in line)
    assert silenced(text, line, line)


def test_lines_are_those_of_python() -> None:
    assert silenced("x = 1  # \x0c \x1c \u2028\r\nask(x)  # noqa\r\n")


def test_which_comments_flake8_applies() -> None:
    def applied(text: str) -> list[bool]:
        return [each.in_flake8 for each in read(text).suppressions]

    assert applied("# flake8: noqa\n") == applied("ask(x)  # noqa\n") == applied("ask(x)  # NOQA:SRF101\n") == [True]
    assert applied("ask(x)  #noqa\n") == applied("ask(x)  #  noqa: SRF101\n") == applied("ask(x)  # surfacelint: ignore\n") == [False]
    assert applied("ask(x)  #noqa: SRF101  # noqa: E501\n") == [True, False]


def test_that_a_file_could_not_be_checked_is_never_silenced() -> None:
    outcome = match_suppressions([finding(rule=NOT_CHECKED)], {"a.py": read("# surfacelint: ignore-file\n# noqa\n")})
    assert (len(outcome.live), len(outcome.suppressed)) == (1, 0)


def test_suppressed_findings_say_so_and_order_is_kept() -> None:
    findings = [finding(1, 1), finding(2, 2), finding(3, 3)]
    outcome = match_suppressions(findings, {"a.py": read("a\nb  # noqa\nc\n")})
    assert outcome.live == (findings[0], findings[2])
    assert [(each.location, each.suppressed) for each in outcome.suppressed] == [(findings[1].location, SuppressedBy("inSource"))]


def test_texts_belong_to_files_and_cells() -> None:
    texts = {"a.py": read("a\nb  # noqa\n"), "n.ipynb:cell 3": read("a\nb  # noqa\n")}
    findings = [finding(path=path, cell=cell) for path, cell in (("b.py", None), ("n.ipynb", 2), ("n.ipynb", 3))]
    outcome = match_suppressions(findings, texts)
    assert [(each.location.path, each.location.cell) for each in outcome.live] == [("b.py", None), ("n.ipynb", 2)]
    assert [each.location.cell for each in outcome.suppressed] == [3]


def test_read() -> None:
    noqa, ours = read("x\ny  # noqa: SRF1,E501  # surfacelint: ignore-file[a-name] -- why\n").suppressions
    assert (noqa.line, noqa.codes, noqa.whole_file, noqa.noqa) == (2, ("SRF1", "E501"), False, True)
    assert (ours.line, ours.codes, ours.whole_file, ours.noqa, ours.reason) == (2, ("a-name",), True, False, "why")


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("# surfacelint: ignore[SRF101] -- forty reviews a night", "forty reviews a night"),
        ("# noqa: SRF101 -- forty -- or fewer  ", "forty -- or fewer"),
        ("# noqa: SRF101  # the reviewers asked", ""),
        ("# see -- above  # noqa", ""),
        ("# noqa -- why  # type: ignore", "why"),
    ],
)
def test_reasons(comment: str, reason: str) -> None:
    (suppressed,) = match_suppressions([finding()], {"a.py": read(f"xs\nask(x)  {comment}\n")}).suppressed
    assert suppressed.suppressed == SuppressedBy("inSource", reason)


STATEMENT = """\
results = [  {0}
    ask(  {1}
        x
    )
    for x in xs  {2}
]  {3}
done()  {4}
"""


@pytest.mark.parametrize(("place", "expected"), [(0, True), (1, True), (2, True), (3, True), (4, False)])
def test_any_line_of_the_statement_counts(place: int, expected: bool) -> None:
    comments = ["# surfacelint: ignore[SRF101]" if index == place else "" for index in range(5)]
    assert silenced(STATEMENT.format(*comments), 2, 4) is expected


def test_a_comment_on_the_line_of_one_call_is_not_about_the_others_of_the_statement() -> None:
    text = "both = [\n    ask(x),  # surfacelint: ignore[SRF101]\n    tell(x),\n]\n"
    outcome = match_suppressions([finding(2, 2), finding(3, 3)], {"a.py": read(text)})
    assert [each.location.span.start.line for each in outcome.live] == [3]


BLOCK = """\
{0}
@task
def job(xs):  {1}
    for x in xs:
        ask(x)

        def inner():
            ask(x)
        {2}


def other(xs):
    ask(xs)
"""


class TestFunctions:
    @pytest.mark.parametrize("place", [0, 1])
    def test_a_comment_at_the_head_is_about_all_of_it(self, place: int) -> None:
        text = BLOCK.format(*["# surfacelint: ignore[SRF101]" if index == place else "" for index in range(3)])
        assert [silenced(text, line, line) for line in (5, 8, 13)] == [True, True, False]

    def test_noqa_is_about_its_line(self) -> None:
        assert not silenced(BLOCK.format("", "# noqa: SRF101", ""), 5, 5)

    def test_a_comment_after_it_is_about_what_follows(self) -> None:
        text = BLOCK.format("", "", "# surfacelint: ignore[SRF101]")
        assert [silenced(text, line, line) for line in (5, 8, 13)] == [False, False, True]


def test_a_comment_with_a_line_to_itself_is_about_the_statement_below() -> None:
    text = "for x in xs:\n    # surfacelint: ignore[SRF101] -- forty\n\n    ask(x)\n    ask(x)\n"
    assert [silenced(text, line, line) for line in (4, 5)] == [True, False]
    assert not silenced(text.replace("surfacelint: ignore[SRF101]", "noqa: SRF101"), 4, 4)


KNOWN = ("SRF101", "realtime-call-in-loop", "SRF302", "serial-await")


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("# noqa: E501, F401", None),
        ("# noqa: SRF101", None),
        ("# noqa", None),
        ("# noqa : E501", None),
        ("#noqa: SRF101", None),
        ("# noqa: E501F401", None),
        (
            "# noqa: SRF101E501",
            "`# noqa: SRF101E501` does not suppress `SRF101E501`: separate codes with commas; write SRF101, E501",
        ),
        ("# noqa: srf101", "`# noqa: srf101` suppresses nothing: codes are upper-case; write SRF101"),
        ("# noqa: SRF109", "unknown rule `SRF109`; did you mean 'SRF101'?"),
        ("# surfacelint: ignore[SFR101]", "unknown rule `SFR101`; did you mean 'SRF101'?"),
        ("# surfacelint: ignore[realtime-in-loop]", "unknown rule `realtime-in-loop`; did you mean 'realtime-call-in-loop'?"),
        ("# surfacelint: ignore[]", "`# surfacelint: ignore[]` names no rule; write ignore[SRF101], or ignore for every rule"),
        ("# surfacelint: ignore [SRF101]", "`# surfacelint: ignore [SRF101]` is malformed; write ignore[SRF101]"),
        ("# surfacelint: ignore[SRF101", "`# surfacelint: ignore[SRF101` is malformed; write ignore[SRF101]"),
        ("# surfacelint: ignore: SRF101", "`# surfacelint: ignore: SRF101` is malformed; write ignore[SRF101]"),
        ("# surfacelint: ignored[SRF101]", "`# surfacelint: ignored[SRF101]` has an unknown word 'ignored'; did you mean 'ignore'?"),
        ("# surfacelint: disable=SRF101", "`# surfacelint: disable=SRF101` has an unknown word 'disable'; use one of ignore, ignore-file,"),
        ("# surfacelint:", "`# surfacelint:` is empty; write ignore[SRF101], ignore-file[SRF101],"),
        ("# surfacelint: volume=many", "`# surfacelint: volume=many` has an invalid volume 'many'; write volume=200/day"),
        ("# surfacelint: volume", "`# surfacelint: volume` is malformed; write volume=200/day"),
        ("# surfacelint: one-off=yes", "`# surfacelint: one-off=yes` is malformed; write one-off alone"),
        ("# surfacelint: user-waits, background", "`# surfacelint: user-waits, background` declares both user-waits and background, which"),
        ("# surfacelint: volume=200/day, one-off -- by hand", None),
    ],
)
def test_malformed_comments_are_said_and_not_obeyed(comment: str, said: str | None) -> None:
    comments = read(f"xs\nask(x)  {comment}\n", KNOWN)
    assert [line for line, _ in comments.mistakes] == ([] if said is None else [2])
    if said is not None:
        assert comments.mistakes[0][1].startswith(said)
        assert not match_suppressions([finding()], {"a.py": comments}).suppressed


@pytest.mark.parametrize("comment", ["# noqa SRF102", "# noqa : SRF102", "# noqa: SRF-102", "# noqa: SRF", "#noqa SRF102"])
def test_what_flake8_takes_for_every_rule_is_said_and_obeyed(comment: str) -> None:
    comments = read(f"xs\nask(x)  {comment}\n", KNOWN)
    meant = "SRF101" if comment.endswith("SRF") else "SRF102"
    said = f"`{comment}` suppresses every rule, as in flake8; write `# noqa: {meant}` to suppress only that"
    assert comments.mistakes == ((2, said),)
    assert match_suppressions([finding()], {"a.py": comments}).suppressed


def test_what_is_right_in_a_comment_is_obeyed() -> None:
    comments = read("xs\nask(x)  # surfacelint: ignore[SFR302, SRF101]\n", KNOWN)
    assert len(match_suppressions([finding()], {"a.py": comments}).suppressed) == len(comments.mistakes) == 1


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("ask(x)  # noqa: SRF101", None),
        ("ask(x)  # noqa: SRF302", ("SRF302",)),
        ("ask(x)  # noqa: SRF101, SRF302", ("SRF302",)),
        ("ask(x)  # noqa: E501", None),
        ("tell(x)  # noqa", None),
        ("ask(x)  # surfacelint: ignore[serial-await]", ("serial-await",)),
        ("ask(x)  # surfacelint: ignore-file[SRF302]", ("SRF302",)),
    ],
)
def test_unused(line: str, codes: tuple[str, ...] | None) -> None:
    outcome = match_suppressions([finding()] if line.startswith("ask") else [], {"a.py": read(f"xs\n{line}\n", KNOWN)})
    assert [each.codes for each in certainly_unused(outcome.unused, lambda _key, _code: True)] == ([] if codes is None else [codes])
    assert not list(certainly_unused(outcome.unused, lambda _key, _code: False))


@pytest.mark.parametrize(
    ("line", "codes", "expected"),
    [
        ("ask(x)  # noqa: SRF101", ("SRF101",), "ask(x)"),
        ("ask(x)  # noqa: E501, SRF101", ("SRF101",), "ask(x)  # noqa: E501"),
        ("ask(x)  # noqa: SRF101,SRF302 -- why", ("SRF101",), "ask(x)  # noqa: SRF302 -- why"),
        ("ask(x)  # noqa: SRF101 -- why", ("SRF101",), "ask(x)"),
        ("ask(x)  # noqa: SRF101  # type: ignore", ("SRF101",), "ask(x)  # type: ignore"),
        ("ask(x)  # type: ignore  # noqa: SRF101", ("SRF101",), "ask(x)  # type: ignore"),
        ("ask(x)  # noqa: SRF101 as Ann said", ("SRF101",), "ask(x)  # as Ann said"),
        ("ask(x)  # surfacelint: ignore -- why", None, "ask(x)"),
        ("ask(x)  # surfacelint: ignore[SRF101, SRF302] -- why", ("SRF302",), "ask(x)  # surfacelint: ignore[SRF101] -- why"),
        ("ask(x)  # surfacelint: ignore[SRF101] forty", ("SRF101",), "ask(x)"),
    ],
)
def test_removal(line: str, codes: tuple[str, ...] | None, expected: str) -> None:
    (suppression,) = read(f"xs\n{line}\n").suppressions
    edit = comment_edits.removal("a.py", line, suppression, codes)
    assert edit.span.start.line == 2
    assert line[: edit.span.start.column] + edit.text + line[edit.span.end.column :] == expected


def test_a_comment_on_a_line_of_its_own_is_taken_out_with_the_line() -> None:
    line = "    # surfacelint: ignore[SRF101] -- why"
    (suppression,) = read(f"if x:\n{line}\n    ask(x)\n").suppressions
    assert comment_edits.removal("a.py", line, suppression, None).span == Span(Position(2, 0), Position(3, 0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("xs\nask(x)\n", 2),
        ("xs\nask(x,\n    y)\n", 2),
        ('xs\nask(x, """a\nb""")\n', 3),
        ("xs\nask(x) + \\\n    y\n", 3),
    ],
)
def test_comments_are_added_where_they_can_stand(text: str, expected: int) -> None:
    assert comment_edits.line_for_comment(text.split("\n"), lay_out(text), Span(Position(2, 0), Position(2, 6))) == expected


def test_added_comments_silence() -> None:
    line = "ask(x)  "
    edit = comment_edits.addition("a.py", 2, line, {"SRF302", "SRF101"}, "as it was in May")
    changed = line[: edit.span.start.column] + edit.text
    assert changed == "ask(x)  # surfacelint: ignore[SRF101, SRF302] -- as it was in May"
    assert silenced(f"xs\n{changed}\n")
