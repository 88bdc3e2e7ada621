"""Output formats of a review: one module per format, imported on first use. The function in it has the name of the format."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import cast

from surfacelint.review.records import Review

FORMATS = ("table", "markdown", "csv", "json", "html", "comment")
"""Names of all formats; the first one is the default."""


def render(name: str, review: Review) -> str:
    """Return a review in a format."""
    module = importlib.import_module(f"{__name__}.{name}")
    return cast("Callable[[Review], str]", getattr(module, name))(review)
