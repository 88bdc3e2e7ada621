"""Which comments silence which findings."""

from __future__ import annotations

import pytest

from surfacelint.facts.expressions import Position, Span
from surfacelint.findings import Finding, Location, RuleInfo, Severity, SuppressedBy
from surfacelint.suppressions import Suppression, apply, read

RULE = RuleInfo("SRF101", "realtime-call-in-loop", Severity.WARNING, True, "A rule.")
NOT_CHECKED = RuleInfo("SRF901", "file-not-checked", Severity.ERROR, True, "A rule.")


def finding(first: int = 2, last: int = 2, rule: RuleInfo = RULE, path: str = "a.py", cell: int | None = None) -> Finding:
    return Finding(rule, "message", Location(path, Span(Position(first, 4), Position(last, 9)), cell))


def silenced(text: str, first: int = 2, last: int = 2, noqa: bool = True) -> bool:
    live, suppressed = apply([finding(first, last)], {"a.py": text}, noqa=noqa)
    assert len(live) + len(suppressed) == 1
    return bool(suppressed)


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
        ("#noqa", False),
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


def test_without_noqa_only_our_own_comments_count() -> None:
    assert not silenced("xs\nask(x)  # noqa\n", noqa=False)
    assert not silenced("# flake8: noqa\nask(x)\n", noqa=False)
    assert silenced("xs\nask(x)  # noqa  # surfacelint: ignore[SRF101]\n", noqa=False)


def test_that_a_file_could_not_be_checked_is_never_silenced() -> None:
    live, suppressed = apply([finding(rule=NOT_CHECKED)], {"a.py": "# surfacelint: ignore-file\n# noqa\n"})
    assert (len(live), len(suppressed)) == (1, 0)


def test_suppressed_findings_say_so_and_order_is_kept() -> None:
    findings = [finding(1, 1), finding(2, 2), finding(3, 3)]
    live, suppressed = apply(findings, {"a.py": "a\nb  # noqa\nc\n"})
    assert live == (findings[0], findings[2])
    assert [(each.location, each.suppressed) for each in suppressed] == [(findings[1].location, SuppressedBy("inSource"))]


def test_texts_belong_to_files_and_cells() -> None:
    texts = {"a.py": "a\nb  # noqa\n", "n.ipynb:cell 3": "a\nb  # noqa\n"}
    live, suppressed = apply([finding(path=path, cell=cell) for path, cell in (("b.py", None), ("n.ipynb", 2), ("n.ipynb", 3))], texts)
    assert [(each.location.path, each.location.cell) for each in live] == [("b.py", None), ("n.ipynb", 2)]
    assert [each.location.cell for each in suppressed] == [3]


def test_read() -> None:
    assert read("x\ny  # noqa: SRF1,E501  # surfacelint: ignore-file[a-name] -- why\n") == (
        Suppression(2, ("SRF1", "E501"), whole_file=False, noqa=True),
        Suppression(2, ("a-name",), whole_file=True, noqa=False, reason="why"),
    )


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
    _, (suppressed,) = apply([finding()], {"a.py": f"xs\nask(x)  {comment}\n"})
    assert suppressed.suppressed == SuppressedBy("inSource", reason)
