"""Where the functions of an SDK's own module send their requests, as the program sets it: `openai.api_base = "http://localhost:8000/v1"`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from surfacelint.catalogue.catalogue import Catalogue
from surfacelint.facts.expressions import Attribute, Position, Span
from surfacelint.facts.outlines import Binding
from surfacelint.linking.modules import FunctionNode, ModuleNode
from surfacelint.linking.values import External, Text

if TYPE_CHECKING:
    from surfacelint.linking.resolution import Resolver


class ModuleHosts:
    """Finds what programs set of a module, in one program."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue) -> None:
        self._resolver = resolver
        self._settings = catalogue.host_settings
        self._tops = frozenset(setting.partition(".")[0] for setting in self._settings)
        self._last_names = frozenset(setting.rpartition(".")[2] for setting in self._settings)
        self._assignments: dict[tuple[str, str], list[tuple[FunctionNode, Binding]]] = {}

    def of(self, path: str, function: FunctionNode, span: Span) -> str:
        """Return the host that a call of `path` at `span` in a function reaches; nothing where none is set for certain.

        What is set before the call in its own function counts most. Otherwise all that the module sets has to agree, and of what the
        modules set that it imports; and what may not have been set, because it stands in a branch, makes it uncertain.
        """
        top = path.partition(".")[0]
        if "(" in path or top not in self._tops:
            return ""
        place = function.statement_of(span)
        own = [binding for setter, binding in self._set_by(function.module, top) if setter is function and _is_before(binding, place)]
        if own:
            return self._host(function, own[-1])
        agreed = (self._agreed(module, top) for module in (function.module, *self._imported(function.module)))
        return next((host for host in agreed if host is not None), "")

    def _agreed(self, module: ModuleNode, top: str) -> str | None:
        """Return the host that all settings of a module agree on, nothing where they do not, and `None` where there are none."""
        hosts = {self._host(setter, binding) if _is_certain(setter, binding) else "" for setter, binding in self._set_by(module, top)}
        return None if not hosts else hosts.pop() if len(hosts) == 1 else ""

    def _host(self, function: FunctionNode, binding: Binding) -> str:
        values = self._resolver.everywhere(self._resolver.evaluate(binding.value, function))
        named = (self._resolver.externals.named_host(value.value) for value in values if isinstance(value, Text))
        return next((host for host in named if host), "")

    def _set_by(self, module: ModuleNode, top: str) -> list[tuple[FunctionNode, Binding]]:
        """Return what a module sets of the hosts of a package, and where."""
        known = self._assignments.get((module.name, top))
        if known is None:
            known = self._assignments[module.name, top] = [
                (function, binding)
                for function in module.functions.values()
                for binding in function.outline.bindings
                if isinstance(binding.target, Attribute) and self._is_setting(binding.target, top, function)
            ]
        return known

    def _is_setting(self, target: Attribute, top: str, function: FunctionNode) -> bool:
        if target.attr not in self._last_names:
            return False
        owners = self._resolver.evaluate(target.value, function)
        paths = [f"{owner.path}.{target.attr}" for owner in owners if isinstance(owner, External)]
        return any(path.startswith(f"{top}.") and path in self._settings for path in paths)

    def _imported(self, module: ModuleNode) -> Iterator[ModuleNode]:
        """Yield the modules that lead to a provider, too, and that a module imports at its top."""
        resolver = self._resolver
        for imported in module.body.outline.imports:
            name = resolver.source.resolve(imported.module, module.name, imported.level)
            below = None if name is None or not imported.symbol else resolver.source.submodule(name, imported.symbol)
            for node in (resolver.modules.get(found) for found in (name, below) if found is not None):
                if node is not None and node is not module and resolver.is_open(node):
                    yield node


def _is_before(binding: Binding, place: Position) -> bool:
    """Whether what is set has been once the statement at `place` runs: one in a deeper block may not have run."""
    return binding.start is not None and binding.start < place and binding.start.column <= place.column


def _is_certain(function: FunctionNode, binding: Binding) -> bool:
    """Whether a function sets something whenever it runs."""
    outline = function.outline
    starts = [*(each.start for each in outline.bindings), *(site.start for site in outline.calls)]
    return binding.start is not None and binding.start.column == min(start.column for start in starts if start is not None)
