"""The README and the pages it links to: their commands and examples work, and their tables match the code.

`pytest --update` rewrites the table of rules.
"""

from __future__ import annotations

import re
from pathlib import Path

import doors
import pages
import pytest

from surfacelint.config import Config, discover
from surfacelint.pipeline import engine
from surfacelint.rules import RULES

README = doors.REPOSITORY / "README.md"
TEXT = README.read_text(encoding="utf-8")
PAGES = [*sorted(doors.REPOSITORY.glob("*.md")), *sorted(doors.REPOSITORY.glob("docs/**/*.md"))]


def blocks(language: str, page: str = TEXT) -> list[str]:
    return [block.text for block in pages.blocks_of(page) if block.language == language]


def block(language: str, part: str, page: str = TEXT) -> str:
    """Return the only block of a language that contains a text."""
    (found,) = [text for text in blocks(language, page) if part in text]
    return found


def rules_table() -> str:
    rows = [f"| {rule.code} | `{rule.name}` | {rule.info.summary} | {'on' if rule.default else 'off'} |" for rule in RULES]
    return "\n".join(("| code | name | finds | default |", "|---|---|---|---|", *rows))


def test_the_table_of_rules_is_that_of_the_code(update: bool) -> None:
    section = re.compile(r"<!-- rules -->\n(.*?)<!-- end -->", re.DOTALL)
    if update:
        README.write_text(section.sub(lambda _: f"<!-- rules -->\n{rules_table()}\n<!-- end -->", TEXT), encoding="utf-8")
        return
    assert section.findall(TEXT) == [f"{rules_table()}\n"]


def test_the_output_is_what_the_first_command_prints() -> None:
    first = blocks("sh")[0]
    assert first.rstrip().endswith("surfacelint check examples")
    assert blocks("text")[0] in doors.surfacelint(doors.REPOSITORY, "check", "examples").stdout


def test_continuous_integration_runs_the_second_command() -> None:
    script = (doors.REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    steps = [line.removeprefix("step ") for line in script.splitlines() if line.startswith("step ")]
    made, installed, tested = (part.strip() for part in blocks("sh")[1].split("&&"))
    assert made == "python3 -m venv .venv"
    assert installed.split()[-1] in steps[0]
    assert tested == f".venv/bin/{steps[-1]}"


def test_the_gateway_and_the_handler_of_ones_own(tmp_path: Path) -> None:
    page = (doors.REPOSITORY / "docs" / "catalogue.md").read_text(encoding="utf-8")
    code = block("python", "acme_ai", page)
    (tmp_path / "pyproject.toml").write_text(block("toml", "acme", page), encoding="utf-8")
    (tmp_path / "desk.py").write_text(code, encoding="utf-8")
    report = engine.run([tmp_path], discover([tmp_path]))
    claims = {(number, found[1]) for number, line in enumerate(code.splitlines(), start=1) if (found := re.search(r"# (SRF\d+)", line))}
    assert {(finding.location.span.start.line, finding.rule.code) for finding in report.findings} == claims
    assert report.complete
    assert any("40% off" in finding.message for finding in report.findings)


def test_the_settings_of_the_example(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(block("toml", "min-items"), encoding="utf-8")
    config = discover([tmp_path])
    assert (config.min_items, config.extend_exclude) == (300, ("experiments",))
    assert config.ignores("SRF101", tmp_path / "scripts" / "job.py")


@pytest.mark.parametrize("number", range(3))
def test_suppressions(tmp_path: Path, number: int) -> None:
    line = block("python", "# noqa").splitlines()[number]
    ask = "import openai\n\n\ndef summarise(review):\n    return openai.responses.create(input=review)\n"
    code = f"{ask}\n\nfor review in open('reviews.txt'):\n    {line}\n"
    (tmp_path / "job.py").write_text(code, encoding="utf-8")
    report = engine.run([tmp_path], Config(root=tmp_path))
    assert (len(report.findings), len(report.suppressed)) == (0, 1)


def test_hooks_are_those_of_the_repository() -> None:
    hooks = (doors.REPOSITORY / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    assert re.findall(r"- id: (\S+)", block("yaml", "hooks")) == re.findall(r"- id: (\S+)", hooks)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", page.read_text(encoding="utf-8"))
    for target, anchor in re.findall(r"\]\(([^)#:\s]*)(?:#([^)\s]*))?\)", text):
        linked = page.parent / target if target else page
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors(linked.read_text(encoding="utf-8")), anchor


def test_the_readme_is_short() -> None:
    assert len(TEXT.splitlines()) <= 200


def anchors(text: str) -> list[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]


def test_the_versions_are_those_of_the_package() -> None:
    metadata = (doors.REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    oldest, newest = re.findall(r"3\.(\d+) to 3\.(\d+)", TEXT)[0]
    assert re.findall(r":: 3\.(\d+)\"", metadata) == [str(minor) for minor in range(int(oldest), int(newest) + 1)]
