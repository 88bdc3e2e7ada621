"""What was found out about groups of modules, kept from one run to the next, so that an edit has only its own group analysed again.

An outcome is found by the names in its group and by all that is the same for every group: this program, the settings, the catalogue, and
which files there are. With it stand the digests of all texts that were looked at on the way, those of the group among them: it holds as
long as these are the same.
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
from surfacelint.model.workloads import Program
from surfacelint.pipeline.group_analysis import Analysis, Survey
from surfacelint.reading.source_reader import Reading, Sources
from surfacelint.system.records import record
from surfacelint.system.timings import Timings


@record(frozen=True, slots=True)
class Outcome:
    """What rules see, and what is odd about declarations."""

    program: Program
    contradictions: tuple[Contradiction, ...]


@record(frozen=True, slots=True)
class _Kept:
    """An outcome, what it is of, and what it rests on: the digests of modules, and what narrowing knew of those that it went on from.

    `outlined` are the modules that were read as a whole.
    """

    key: str
    texts: tuple[tuple[str, str], ...]
    outlined: tuple[str, ...]
    narrowed: tuple[str, ...]
    narrowing: str
    outcome: Outcome


class Outcomes:
    """The outcomes of one project's groups."""

    def __init__(self, hierarchy: Hierarchy, sources: Sources, surveyed: Survey) -> None:
        self._hierarchy = hierarchy
        self._sources = sources
        self._surveyed = surveyed

    def known(self, group: frozenset[str]) -> Outcome | None:
        """Return what an earlier run found out about a group, if it would be the same now."""
        store = self._sources.store
        if store is None:
            return None
        key = self._key(group)
        kept = store.fact(_Kept, key, "outcome")
        if kept is None or kept.key != key or any(self._sources.digest(module) != digest for module, digest in kept.texts):
            return None
        if kept.narrowing != self._narrowing(kept.narrowed):
            return None
        outlined = frozenset(kept.outlined)
        read = tuple([text for text in kept.texts if text[0] in outlined])
        self._sources.take(Reading(read, (), lasting=True, timings=Timings()))
        return kept.outcome

    def found(self, group: frozenset[str], analyse: Callable[[], Analysis]) -> Outcome:
        """Return the outcome of an analysis, and keep it unless something could not be read."""
        errors = len(self._sources.errors)
        self._sources.looked_at.clear()
        self._sources.outlined.clear()
        analysis = analyse()
        loud = tuple([workload for workload in analysis.program.workloads if not workload.silence])
        outcome = Outcome(Program(loud), analysis.contradictions)
        store = self._sources.store
        if store is not None and self._sources.lasting and len(self._sources.errors) == errors:
            self._keep(store, group, outcome, tuple(sorted(analysis.narrowed)))
        return outcome

    def _keep(self, store: Store, group: frozenset[str], outcome: Outcome, narrowed: tuple[str, ...]) -> None:
        texts = tuple([(module, digest) for module in sorted(self._sources.looked_at) if (digest := self._sources.digest(module))])
        key = self._key(group)
        kept = _Kept(key, texts, tuple(sorted(self._sources.outlined)), narrowed, self._narrowing(narrowed), outcome)
        store.keep_fact(_Kept, key, "outcome", kept)

    def _key(self, group: frozenset[str]) -> str:
        return _digest(self._everything, "\n".join(sorted(group)))

    @cached_property
    def _everything(self) -> str:
        """What is the same for all groups, as a digest."""
        folders = [
            (str(each.source), str(each.root), each.hierarchical, each.min_items, each.min_calls_per_day, each.workloads)
            for each in self._hierarchy.folders()
        ]
        files = [f"{file.module}\0{file.display}" for file in self._sources.project.files]
        rows = merge(each.catalogue for each in self._hierarchy.folders())
        return _digest(_program(), str(self._sources.project.root), repr(folders), repr(rows), "\n".join(files))

    def _narrowing(self, modules: tuple[str, ...]) -> str:
        """Return what narrowing knows of some modules before any group is analysed, as a digest."""
        if not modules:
            return ""
        hot = self._surveyed.narrowing.hot
        return _digest(self._imports, *[f"{module}\0{self._sources.digest(module)}\0{' '.join(sorted(hot(module)))}" for module in modules])

    @cached_property
    def _imports(self) -> str:
        imports = self._surveyed.narrowing.imports
        return _digest(*[f"{module} {' '.join(sorted(targets))}" for module, targets in sorted(imports.items())])


def _digest(*parts: str) -> str:
    return sha256("\0\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _program() -> str:
    """Return a digest of this program: its code and its data."""
    here = Path(__file__).parents[1]
    found = sha256()
    for path in sorted(path for path in here.rglob("*") if path.suffix in (".py", ".toml")):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()
