"""Answers about a program do not depend on what was asked before: judgement asks in any order, and findings stay the same."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from surfacelint.config import Config
from surfacelint.judgement import workload_finders
from surfacelint.judgement.finders.repeated_requests import _RepeatedRequests
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.model.findings import Finding
from surfacelint.pipeline import engine

FIXTURES = Path(__file__).parent / "fixtures" / "judge"

CHAINS = """
from openai import OpenAI

client = OpenAI()


def ask(text):
    return client.responses.create(model="gpt-5-mini", input=text).output_text


def draft(text, rounds):
    answer = ask(text)
    return refine(answer, rounds) if rounds else answer


def refine(text, rounds):
    answer = ask(text)
    return draft(answer, rounds - 1)


def drafts(texts):
    for text in texts:
        print(draft(text, len(text)))


def refined(texts):
    for text in texts:
        print(refine(text, len(text)))


def summaries(texts):
    for text in texts:
        print(ask(ask(text)))
"""


def found(root: Path) -> list[Finding]:
    """Return the findings of a project, without fixes."""
    report = engine.run([root], Config(root=root, cache=False), fixes=False)
    assert report.complete
    return list(report.findings)


def shuffle(chance: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let judgement ask its questions in random order: which finder, and which call first. Each call is judged before its loop is."""
    chosen = _RepeatedRequests._chosen_effects

    def in_random_order(self: _RepeatedRequests) -> list[Effect]:
        effects = chosen(self)
        for effect in chance.sample(effects, len(effects)):
            self.evidence.sites.judged(effect)
        return chance.sample(effects, len(effects))

    finders = chance.sample(workload_finders.FINDERS, len(workload_finders.FINDERS))
    monkeypatch.setattr(_RepeatedRequests, "_chosen_effects", in_random_order)
    monkeypatch.setattr(workload_finders, "FINDERS", tuple(finders))


def test_findings_do_not_depend_on_the_order_of_questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(FIXTURES, tmp_path / "judge", ignore=shutil.ignore_patterns("__pycache__", "surfacelint.toml"))
    (tmp_path / "chains.py").write_text(CHAINS, encoding="utf-8")
    usual = found(tmp_path)
    assert len(usual) > 100
    for seed in range(4):
        with monkeypatch.context() as patch:
            shuffle(random.Random(seed), patch)
            assert found(tmp_path) == usual


def test_recursion_makes_a_chain_of_unknown_length(tmp_path: Path) -> None:
    (tmp_path / "chains.py").write_text(CHAINS, encoding="utf-8")
    told = {finding.function: finding.message for finding in found(tmp_path)}
    assert "as several batches in turn" in told["drafts"]
    assert "as several batches in turn" in told["refined"]
    assert "as 2 batches in turn" in told["summaries"]
