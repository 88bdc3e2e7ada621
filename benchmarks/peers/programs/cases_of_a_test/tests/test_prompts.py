import json
from pathlib import Path

from app import extract

CASES = json.loads(Path("tests/cases.json").read_text())


def test_extracts_the_date() -> None:
    for case in CASES:
        assert extract(case["text"]) == case["date"]
