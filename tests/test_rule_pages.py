"""The page of each rule: its headings, and its examples, checked like anybody's code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from surfacelint.config import Config, settings
from surfacelint.pipeline import engine
from surfacelint.rules import RULES, Rule

HEADINGS = ("What it does", "Why it costs", "Bad", "Good", "When to leave it", "Fix", "Options", "References")
PAGE_WIDTH = 120

_SECTION = re.compile(r"^## (.+)\n((?:(?!## ).*\n)*)", re.MULTILINE)
_PROGRAM = re.compile(r"```python\n(.*?)```", re.DOTALL)

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


def sections(rule: Rule) -> dict[str, str]:
    return {heading: text.strip() for heading, text in _SECTION.findall(rule.info.page)}


def found(rule: Rule, heading: str, folder: Path) -> list[str]:
    """Return the codes that every program of a section raises, those of rules that are off by default included."""
    programs = _PROGRAM.findall(sections(rule)[heading])
    assert programs, f"{heading} has no program"
    for number, program in enumerate(programs):
        (folder / f"job{number}.py").write_text(program, encoding="utf-8")
    report = engine.run([folder], Config(root=folder, extend_select=(rule.code,)))
    assert not report.errors
    return [finding.rule.code for finding in report.findings]


@each_rule
def test_the_page_has_every_section(rule: Rule) -> None:
    assert tuple(heading for heading, _ in _SECTION.findall(rule.info.page)) == HEADINGS
    assert all(sections(rule).values())


@each_rule
def test_the_page_begins_with_a_sentence(rule: Rule) -> None:
    first, second, *_ = rule.info.page.split("\n")
    assert first == rule.info.summary
    assert first.endswith(".")
    assert second == ""


@each_rule
def test_the_page_fits_a_terminal(rule: Rule) -> None:
    prose = _PROGRAM.sub("", rule.info.page)
    assert [line for line in prose.splitlines() if len(line) > PAGE_WIDTH] == []


@each_rule
def test_the_options_are_settings(rule: Rule) -> None:
    named = re.findall(r"`([a-z-]+)`", " ".join(re.findall(r"^- (`[^:]*):", sections(rule)["Options"], re.MULTILINE)))
    assert set(named) <= {setting.key for setting in settings().values()}


@each_rule
def test_bad_is_reported(rule: Rule, tmp_path: Path) -> None:
    assert found(rule, "Bad", tmp_path) == [rule.code]


@each_rule
def test_good_is_not(rule: Rule, tmp_path: Path) -> None:
    assert found(rule, "Good", tmp_path) == []


def test_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)
    assert all(re.fullmatch(r"SRF\d{3}", rule.code) for rule in RULES)
