"""Is a user waiting? By reachability: every way into a function, backwards along the call graph to the entry points."""

from __future__ import annotations

from collections.abc import Iterable

from surfacelint.catalogue.catalogue import Catalogue
from surfacelint.catalogue.schema import Repetition
from surfacelint.facts.expressions import Attribute, Name
from surfacelint.facts.outlines import MODULE_BODY
from surfacelint.judgement.entries import Entries
from surfacelint.linking.callgraph import CallGraph, Site
from surfacelint.linking.effects import Effects
from surfacelint.linking.modules import FunctionNode
from surfacelint.linking.resolution import Resolver
from surfacelint.linking.values import External
from surfacelint.program import Waiting


class Waits:
    """Answers for functions of one program."""

    def __init__(self, graph: CallGraph, effects: Effects, entries: Entries, resolver: Resolver, catalogue: Catalogue) -> None:
        self._graph = graph
        self._effects = effects
        self._entries = entries
        self._resolver = resolver
        self._catalogue = catalogue
        self._possible = self._possible_callers()
        self._known: dict[str, Waiting] = {}

    def waiting(self, function: FunctionNode) -> Waiting:
        """Return whether somebody waits for `function`: only if every way in is a waiting one."""
        if function.id not in self._known:
            self._known[function.id] = _joined(self._roots(function))
        return self._known[function.id]

    def _roots(self, function: FunctionNode) -> Iterable[Waiting]:
        pending = [(function, False)]
        seen: set[tuple[str, bool]] = set()
        while pending:
            here, dispatched = pending.pop()
            if (here.id, dispatched) in seen:
                continue
            seen.add((here.id, dispatched))
            root = self._root(here)
            if root is not None:
                yield Waiting("unknown", root.entry) if dispatched and root.answer == "yes" else root
                continue
            callers = [site for site in self._effects.edges.get(here.id, ()) if site.function.id != here.id]
            for site in callers:
                if self._in_conversation(site):
                    yield Waiting("yes", f"conversation in {site.function.outline.qualname}")
                else:
                    pending.append((site.function, dispatched or _dispatches(site, here)))
            if not callers:
                yield from self._uncalled(here, pending, dispatched)

    def _root(self, function: FunctionNode) -> Waiting | None:
        point = self._entries.point(function)
        if point is not None:
            return Waiting(point.waits, point.description)
        if function.outline.qualname == MODULE_BODY:
            return Waiting("no", f"script {function.module.name}")
        return None

    def _uncalled(self, function: FunctionNode, pending: list[tuple[FunctionNode, bool]], dispatched: bool) -> Iterable[Waiting]:
        """A function that nobody is known to call: perhaps something calls it that we could not resolve."""
        if function.parent is not None and function.parent.outline.qualname != MODULE_BODY:
            pending.append((function.parent, dispatched))
            return
        callers = self._possible.get(function.id, []) or self._possible.get(function.outline.qualname.rpartition(".")[2], [])
        others = [site.function for site in callers if site.function.id != function.id]
        if not others and function.owner is not None:
            # Nobody calls the method by a name that we can follow: perhaps those who make the object do.
            others = [maker for maker, _ in self._resolver.callers.get(function.owner.id, ()) if maker.owner is not function.owner]
        for caller in others[:20]:
            pending.append((caller, dispatched))
        if not others:
            yield Waiting("unknown", f"nobody is known to call {function.outline.qualname}")

    def _possible_callers(self) -> dict[str, list[Site]]:
        """Return the sites that may call a function, by the bare name that an obscure site calls, and by identifier for mentions."""
        found: dict[str, list[Site]] = {}
        for sites in self._graph.sites.values():
            for site in sites:
                for id_ in site.mentions:
                    found.setdefault(id_, []).append(site)
                if site.obscure:
                    callee = site.call.function
                    name = callee.attr if isinstance(callee, Attribute) else callee.id if isinstance(callee, Name) else None
                    if name is not None:
                        found.setdefault(name, []).append(site)
        return found

    def _in_conversation(self, site: Site) -> bool:
        """Whether a site stands in a loop of a function that asks a person in a loop."""
        return site.outline.repeated and any(
            other.outline.repeated and self._asks(other) for other in self._graph.sites.get(site.function.id, ())
        )

    def _asks(self, site: Site) -> bool:
        values = self._resolver.evaluate(site.call.function, site.function)
        return any(isinstance(value, External) and self._catalogue.user_input(value.path) is not None for value in values)


def _dispatches(site: Site, function: FunctionNode) -> bool:
    """Whether a site starts a function without waiting for it."""
    for target in site.targets:
        if target.callee is function:
            return isinstance(target.row, Repetition) and target.row.starts and target.row.name == "start"
    return False


def _joined(roots: Iterable[Waiting]) -> Waiting:
    """Return one answer for all ways in: nobody waits if one of them is known not to, somebody does if all of them do."""
    found = sorted(set(roots), key=lambda waiting: (waiting.answer, waiting.entry))
    for answer in ("no", "unknown", "yes"):
        for waiting in found:
            if waiting.answer == answer:
                return waiting
    return Waiting("unknown")
