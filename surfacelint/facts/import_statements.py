"""The imports on whose success a module counts, for finding modules that are missing.

`extraction.certain_imports` finds them.
"""

from __future__ import annotations

from surfacelint.facts.expressions import Span
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class CertainImport:
    """An import statement of a module: `module` after `level` dots, at `span`."""

    module: str
    level: int
    span: Span


@record(frozen=True, slots=True)
class CertainImports:
    """The imports of one module, in the order of the source."""

    imports: tuple[CertainImport, ...]
