"""The Python API: the examples on its page print what the page says, and its names are the exported ones."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import doors
import pytest

import surfacelint

PAGE = (doors.REPOSITORY / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE, re.DOTALL)

JOB = """\
from openai import OpenAI

client = OpenAI()


def run(reviews):
    for review in reviews:
        client.responses.create(model="gpt-5-mini", input=review)
"""


@pytest.mark.parametrize(("code", "expected"), EXAMPLES)
def test_examples(tmp_path: Path, code: str, expected: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "job.py").write_text(JOB, encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert (done.stdout, done.stderr) == (expected, "")


def test_every_example_says_what_it_prints() -> None:
    assert len(EXAMPLES) == PAGE.count("```python")


def test_the_names_are_those_of_the_page() -> None:
    rows = re.findall(r"^\| `(\w+)", PAGE, re.MULTILINE)
    assert sorted((*rows, "__version__")) == sorted(surfacelint.__all__)
    assert all(hasattr(surfacelint, name) for name in surfacelint.__all__)
    assert set(surfacelint.__all__) <= set(dir(surfacelint))


def test_what_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'surfacelint' has no attribute 'chekc'"):
        surfacelint.chekc  # noqa: B018


def test_importing_it_loads_nothing_else() -> None:
    script = "import sys, surfacelint; print(*(name for name in sys.modules if name.startswith('surfacelint')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.split() == ["surfacelint"]


def test_types_are_published(tmp_path: Path) -> None:
    assert (Path(surfacelint.__file__).parent / "py.typed").is_file()
    (tmp_path / "use.py").write_text(
        "from surfacelint import Config, Finding, Report, check\n\n\n"
        "def first(report: Report) -> Finding:\n    return report.findings[0]\n\n\n"
        'first(check(["src"], Config(min_items=3)))\nfirst(3)\n',
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "mypy", "--strict", "use.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    problems = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert [line.partition(" error: ")[0] for line in problems] == ["use.py:9:"], done.stdout


def test_a_text_in_place_of_texts_is_refused() -> None:
    with pytest.raises(surfacelint.ConfigError, match=r"^select must be a tuple of strings, such as \('SRF101',\), not 'SRF101'$"):
        surfacelint.Config(select="SRF101")  # type: ignore[arg-type]
