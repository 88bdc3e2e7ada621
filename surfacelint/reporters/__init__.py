"""Reporters: each turns a report into text, and does nothing else. The module of a format is imported once it is meant."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Protocol, cast

from surfacelint.config import OUTPUT_FORMATS
from surfacelint.model.findings import Report


class Reporter(Protocol):
    """Turns a report into text. `colour` says that the text goes to a terminal that wants colours."""

    def __call__(self, report: Report, *, colour: bool = False) -> str:
        """Return the text."""
        ...


class _Formats(Mapping[str, Reporter]):
    """All formats by name: that of `json-lines` is `json_lines` in the module of that name."""

    def __getitem__(self, name: str) -> Reporter:
        if name not in OUTPUT_FORMATS:
            raise KeyError(name)
        module = name.replace("-", "_")
        return cast(Reporter, getattr(importlib.import_module(f"{__name__}.{module}"), module))

    def __iter__(self) -> Iterator[str]:
        return iter(OUTPUT_FORMATS)

    def __len__(self) -> int:
        return len(OUTPUT_FORMATS)


FORMATS: Mapping[str, Reporter] = _Formats()
