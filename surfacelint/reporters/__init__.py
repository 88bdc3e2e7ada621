"""Output formats: one module per format, imported on first use."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Protocol, cast

from surfacelint.config import OUTPUT_FORMATS
from surfacelint.model.findings import Report


class Reporter(Protocol):
    """A function that renders a report. With `colour`, the text may contain ANSI colours, with `links` hyperlinks of terminals."""

    def __call__(self, report: Report, *, colour: bool = False, links: bool = False) -> str:
        """Return the report as text."""
        ...


class _Formats(Mapping[str, Reporter]):
    """Reporters by format name. The reporter of `json-lines` is `json_lines.json_lines`."""

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
