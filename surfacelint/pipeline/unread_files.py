"""Reports files that could not be read: as findings where they were requested, and otherwise where requested files import them."""

from __future__ import annotations

from collections.abc import Mapping

from surfacelint.model.findings import Finding
from surfacelint.reading.file_texts import SourceError
from surfacelint.reading.source_reader import Sources
from surfacelint.relevance.import_screening import import_graph, imported_by
from surfacelint.reporters.locations import place
from surfacelint.rules import NOT_CHECKED, RULES
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class UnreadFiles:
    """The `findings` about requested files, and a sentence about each other file that they import: the `gaps`."""

    findings: tuple[Finding, ...]
    gaps: tuple[str, ...]

    @classmethod
    def of(cls, sources: Sources, asked: frozenset[str]) -> UnreadFiles:
        """Report the errors of a run over the requested modules."""
        if not sources.errors:
            return cls((), ())
        imports = import_graph(sources.project, sources.scans)
        needed = imported_by(asked, imports) - asked
        return cls(
            tuple(_finding(error, imports) for error in sources.errors if error.module in asked),
            tuple(
                f"{place(error.location)}: not checked: {error.problem}; requested files import it"
                for error in dict.fromkeys(sources.errors)
                if error.module in needed
            ),
        )


def _finding(error: SourceError, imports: Mapping[str, frozenset[str]]) -> Finding:
    info = next(rule.info for rule in RULES if rule.code == NOT_CHECKED)
    number = sum(error.module in targets for targets in imports.values())
    files = "1 file imports it and is" if number == 1 else f"{number} files import it and are"
    said = f"calls into it are unknown: {files} checked without it" if number else ""
    return Finding(rule=info, message=f"not checked: {error.problem}", location=error.location, help=said)
