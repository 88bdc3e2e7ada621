"""Cache of the workloads of each group of modules, so that an edit causes only its own group to be analysed again.

The key of an entry consists of the modules of the group and of everything that all groups depend on: surfacelint itself, the settings,
the catalogue, and the list of files. An entry also holds the digests of all texts that the analysis read, and is valid while these are
unchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path

from surfacelint.cache.entry_store import Store
from surfacelint.catalogue.loading import merge
from surfacelint.config import Hierarchy
from surfacelint.judgement.declared_contradictions import Contradiction
from surfacelint.model.findings import Location
from surfacelint.model.workloads import Program
from surfacelint.pipeline.group_analysis import Analysis, Survey
from surfacelint.reading.source_reader import Reading, Sources
from surfacelint.system.records import record
from surfacelint.system.timings import Timings


@record(frozen=True, slots=True)
class GroupWorkloads:
    """Result of analysing a group: its workloads and contradictory declarations.

    `requests` and `judged` are where its requests and its workloads are, also those that no rule reports.
    """

    program: Program
    contradictions: tuple[Contradiction, ...]
    requests: tuple[Location, ...]
    judged: tuple[Location, ...]


@record(frozen=True, slots=True)
class _Entry:
    """Cache entry: an outcome with its key and dependencies.

    `texts` holds the digests of modules, `outlined` the modules whose outlines were read. `narrowed` are the modules that
    narrowing read, and `narrowing` is a digest of what it knew about them.
    """

    key: str
    texts: tuple[tuple[str, str], ...]
    outlined: tuple[str, ...]
    narrowed: tuple[str, ...]
    narrowing: str
    outcome: GroupWorkloads


class WorkloadCache:
    """Cached outcomes of the groups of one project: with `listing`, of all workloads of a review, otherwise of those that rules report."""

    def __init__(self, hierarchy: Hierarchy, sources: Sources, surveyed: Survey, listing: bool = False) -> None:
        self._hierarchy = hierarchy
        self._sources = sources
        self._surveyed = surveyed
        self._listing = listing

    def cached(self, group: frozenset[str]) -> GroupWorkloads | None:
        """Return the cached outcome of a group if it is still valid, or `None`."""
        store = self._sources.store
        if store is None:
            return None
        key = self._key(group)
        entry = store.fact(_Entry, key, "outcome")
        if entry is None or entry.key != key or any(self._sources.digest(module) != digest for module, digest in entry.texts):
            return None
        if entry.narrowing != self._narrowing(entry.narrowed):
            return None
        outlined = frozenset(entry.outlined)
        read = tuple([text for text in entry.texts if text[0] in outlined])
        self._sources.take(Reading(read, (), repeatable=True, timings=Timings()))
        return entry.outcome

    def analysed(self, group: frozenset[str], analyse: Callable[[], Analysis]) -> GroupWorkloads:
        """Analyse a group and return its outcome. Caches it unless a file could not be read."""
        errors = len(self._sources.errors)
        self._sources.looked_at.clear()
        self._sources.outlined.clear()
        analysis = analyse()
        reported = tuple([workload for workload in analysis.program.workloads if self._listing or not workload.silence])
        judged = {workload.site for workload in analysis.program.workloads}
        outcome = GroupWorkloads(Program(reported), analysis.contradictions, analysis.requests, tuple(sorted(judged)))
        store = self._sources.store
        if store is not None and self._sources.repeatable and len(self._sources.errors) == errors:
            self._keep(store, group, outcome, tuple(sorted(analysis.narrowed)))
        return outcome

    def _keep(self, store: Store, group: frozenset[str], outcome: GroupWorkloads, narrowed: tuple[str, ...]) -> None:
        texts = tuple([(module, digest) for module in sorted(self._sources.looked_at) if (digest := self._sources.digest(module))])
        key = self._key(group)
        entry = _Entry(key, texts, tuple(sorted(self._sources.outlined)), narrowed, self._narrowing(narrowed), outcome)
        store.keep_fact(_Entry, key, "outcome", entry)

    def _key(self, group: frozenset[str]) -> str:
        return _digest(self._common, "review" if self._listing else "", "\n".join(sorted(group)))

    @cached_property
    def _common(self) -> str:
        return settings_digest(self._hierarchy, self._sources)

    def _narrowing(self, modules: tuple[str, ...]) -> str:
        """Return a digest of what narrowing knows about some modules before any group is analysed."""
        if not modules:
            return ""
        hot = self._surveyed.narrowing.hot
        return _digest(self._imports, *[f"{module}\0{self._sources.digest(module)}\0{' '.join(sorted(hot(module)))}" for module in modules])

    @cached_property
    def _imports(self) -> str:
        imports = self._surveyed.narrowing.imports
        return _digest(*[f"{module} {' '.join(sorted(targets))}" for module, targets in sorted(imports.items())])


def settings_digest(hierarchy: Hierarchy, sources: Sources) -> str:
    """Return a digest of everything that all groups depend on: surfacelint itself, the settings, the catalogue, and the list of files."""
    folders = [
        (str(each.source), str(each.root), each.hierarchical, each.min_items, each.min_calls_per_day, each.workloads)
        for each in hierarchy.folders()
    ]
    files = [f"{file.module}\0{file.display}" for file in sources.project.files]
    rows = merge(each.catalogue for each in hierarchy.folders())
    return _digest(_surfacelint(), str(sources.project.root), repr(folders), sources.batch_module, repr(rows), "\n".join(files))


def _digest(*parts: str) -> str:
    return sha256("\0\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _surfacelint() -> str:
    """Return a digest of the code and data of surfacelint."""
    here = Path(__file__).parents[1]
    found = sha256()
    for path in sorted(path for path in here.rglob("*") if path.suffix in (".py", ".toml")):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()
