"""The workloads of a review with the source around them, as the review asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from surfacelint.catalogue.index import Catalogue
from surfacelint.config import Hierarchy
from surfacelint.facts.module_outlines import MODULE_BODY
from surfacelint.model.findings import Location, Report
from surfacelint.model.workloads import Workload
from surfacelint.pipeline.report_building import texts_by_key
from surfacelint.project.module_names import SourceFile
from surfacelint.reading.source_reader import Sources
from surfacelint.suppressions.matching import text_key
from surfacelint.system.records import record

LINES_AROUND = 3
"""Lines of an excerpt before the call, and after it."""

MOST_LINES = 24
"""Most lines of an excerpt."""


@record(frozen=True, slots=True)
class ListedWorkload:
    """A workload, the path of its file relative to the root of the project, and its source.

    `text` is that of the function around the call site, or the lines of the call for code outside of functions. `excerpt` are the
    lines around the call, and `first` is the row of the first one, as users see it. `min_items` and `min_calls_per_day` are the
    settings of the file.
    """

    workload: Workload
    path: str
    text: str
    first: int
    excerpt: tuple[str, ...]
    min_items: int
    min_calls_per_day: int


@record(frozen=True, slots=True)
class Listing:
    """All workloads of the requested files, sorted by place, and the report of `check` about the same files, without fixes.

    `paths` are the paths of files relative to the `root` of the project, by displayed path. `catalogue` is the one of the settings.
    """

    root: Path
    catalogue: Catalogue
    report: Report
    workloads: tuple[ListedWorkload, ...]
    paths: dict[str, str]


def listed(found: Iterable[Workload], hierarchy: Hierarchy, sources: Sources, asked: frozenset[str]) -> Iterator[ListedWorkload]:
    """Yield those of the workloads that are in the requested modules, with their source."""
    for workload in found:
        file = sources.project.shown_as(workload.site.path)
        if file is not None and file.module in asked:
            first, excerpt = _lines(sources, file, workload.site, LINES_AROUND, LINES_AROUND)
            text, config = _function_text(sources, file, workload), hierarchy.at(file.path)
            path = root_path(sources, file)
            yield ListedWorkload(workload, path, text, first, excerpt, config.min_items, config.min_calls_per_day)


def root_path(sources: Sources, file: SourceFile) -> str:
    """Return the path of a file relative to the root of the project, with forward slashes; the displayed path if it is not below."""
    root = sources.project.root
    return file.path.relative_to(root).as_posix() if file.path.is_relative_to(root) else file.display


def _function_text(sources: Sources, file: SourceFile, workload: Workload) -> str:
    outline = sources.outline(file.module)
    found = [each for each in (() if outline is None else outline.functions) if each.qualname == workload.function]
    if not found or workload.function == MODULE_BODY:
        return "\n".join(_lines(sources, file, workload.site, 0, 0)[1])
    first, last = found[0].lines
    return "\n".join(sources.text(file.module).split("\n")[first - 1 : last])


def _lines(sources: Sources, file: SourceFile, site: Location, before: int, after: int) -> tuple[int, tuple[str, ...]]:
    """Return the lines of a call with some lines before and after it, and the row of the first one."""
    source = sources.source(file.module)
    texts = {} if source is None else dict(texts_by_key(source))
    lines = texts.get(text_key(site), "").split("\n")
    first = max(1, site.span.start.line - before)
    last = min(len(lines), site.span.end.line + after, first + MOST_LINES - 1)
    return first, tuple(lines[first - 1 : last])
