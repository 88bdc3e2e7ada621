"""What the help of findings says about the batch API to move to."""

from __future__ import annotations

import json
from pathlib import Path

import doors

POSTED = """\
import requests

for line in open("texts.txt"):
    body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": line}]}
    requests.post("https://api.openai.com/v1/chat/completions", json=body)
"""

EITHER = """\
import sys

from anthropic import Anthropic
from openai import OpenAI


def ask(engine, text):
    if engine == "openai":
        return OpenAI().responses.create(model="gpt-5-mini", input=text)
    return Anthropic().messages.create(model="claude-haiku-4-5", max_tokens=9, messages=[{"role": "user", "content": text}])


for line in open("texts.txt"):
    ask(sys.argv[1], line)
"""


def _finding(folder: Path, code: str) -> dict[str, str]:
    (folder / "job.py").write_text(code, encoding="utf-8")
    (found,) = json.loads(doors.surfacelint(folder, "check", "--output-format", "json").stdout)
    return {"message": found["message"], "shown": doors.surfacelint(folder, "check").stdout}


def test_raw_http_gets_the_help_of_raw_http(tmp_path: Path) -> None:
    found = _finding(tmp_path, POSTED)
    assert "(OpenAI Batch API, 50% off)" in found["message"]
    assert 'submit the batch: POST the file of requests to /v1/files with purpose "batch", then its id to /v1/batches' in found["shown"]
    assert "client.batches" not in found["shown"]


def test_of_several_providers_none_is_named_first(tmp_path: Path) -> None:
    found = _finding(tmp_path, EITHER)
    assert found["message"].endswith("submit as one batch (each provider has a batch API)")
    for name in ("OpenAI", "Anthropic"):
        assert name not in found["message"]
        assert f"help: {name} " in found["shown"]
