"""What `surfacelint explain` says of calls that lead to requests only through what callers pass."""

from __future__ import annotations

from pathlib import Path

from surfacelint import engine
from surfacelint.config import discover

CODE = """\
import openai


def ask(text):
    return openai.responses.create(model="gpt-5-mini", input=text)


def every(function, items):
    return [function(item) for item in items]


def run(reviews):
    return every(ask, reviews)
"""


def test_a_callback_is_explained_where_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "job.py"
    path.write_text(CODE, encoding="utf-8")
    said = engine.explain(str(path), 9, discover([path]))
    assert "responses.create (realtime) in 2 hops." in said
    assert "Judged: worth a finding." in said
