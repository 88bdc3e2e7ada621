"""Reporters: each turns a report into text, and does nothing else."""

from __future__ import annotations

from typing import Protocol

from surfacelint.findings import Report
from surfacelint.reporters.concise import concise
from surfacelint.reporters.full import full
from surfacelint.reporters.json import json


class Reporter(Protocol):
    """Turns a report into text. `colour` says that the text goes to a terminal that wants colours."""

    def __call__(self, report: Report, *, colour: bool = False) -> str:
        """Return the text."""
        ...


FORMATS: dict[str, Reporter] = {"full": full, "concise": concise, "json": json}
