"""A text that was spelled in the syntax of an older Python, so that the running one can read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from surfacelint.facts.expressions import Span
from surfacelint.system.records import record

FormattedParts: TypeAlias = tuple[str | int, ...]
"""The parts of a formatted string that is spelled as a tuple: texts, and for each field the number of elements it has in the tuple.

That number is 1, unless the field holds a tuple without parentheses.
"""


@record(frozen=True, slots=True)
class OlderSpelling:
    """A text in older syntax. Its rows are those of the original, and so is the column of every name and call.

    - `formatted`: the formatted strings that are spelled as tuples, by their spans.
    - `inside_strings`: the 1-based lines that end inside such a string.
    """

    text: str
    formatted: Mapping[Span, FormattedParts]
    inside_strings: frozenset[int]
