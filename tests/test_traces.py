"""Traces of findings that have steps besides the way to the request."""

from __future__ import annotations

from pathlib import Path

from surfacelint import check
from surfacelint.config import Config

VIEW = """\
import time

from anthropic import Anthropic
from flask import Flask, request

app = Flask(__name__)
client = Anthropic()


def ended(batch):
    while batch.processing_status != "ended":
        time.sleep(5)
        batch = client.messages.batches.retrieve(batch.id)
    return batch


@app.post("/summaries")
def summaries():
    batch = client.messages.batches.create(requests=request.json)
    return {"results": ended(batch).results_url}
"""


def test_the_trace_of_a_handler_that_waits_leads_to_the_poll(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(VIEW, encoding="utf-8")
    (finding,) = (each for each in check([tmp_path], Config(root=tmp_path, cache=False, jobs=1)).findings if each.rule.code == "SRF202")
    steps = [(step.location.span.start.line, step.note) for step in finding.trace]
    assert steps[-2:] == [
        (20, "`ended` waits until the batch ends"),
        (13, "`client.messages.batches.retrieve` polls the batch until it ends"),
    ]
