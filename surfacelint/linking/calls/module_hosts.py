"""Where the functions of an SDK's own module send their requests, as the program sets it: `openai.api_base = "http://localhost:8000/v1"`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import Attribute, Span
from surfacelint.facts.module_outlines import Binding
from surfacelint.linking.evaluation.abstract_values import External, Text
from surfacelint.linking.evaluation.symbol_tables import FunctionNode, ModuleNode

if TYPE_CHECKING:
    from surfacelint.linking.evaluation.resolver import Resolver


class ModuleHosts:
    """Finds what modules set of another one, in one program.

    Only that counts which a module body sets whenever it runs: nobody knows when a function does so, nor whether a branch is taken.
    """

    def __init__(self, resolver: Resolver, catalogue: Catalogue) -> None:
        self._resolver = resolver
        self._settings = catalogue.host_settings
        self._tops = frozenset(setting.partition(".")[0] for setting in self._settings)
        self._last_names = frozenset(setting.rpartition(".")[2] for setting in self._settings)

    def of(self, path: str, function: FunctionNode, span: Span) -> str:
        """Return the host that a call of `path` at `span` in a function reaches; nothing where that is not certain.

        All that its module sets has to agree, or else all that the first of the modules does which it imports.
        """
        top = path.partition(".")[0]
        if "(" in path or top not in self._tops:
            return ""
        for module in (function.module, *self._imported(function.module)):
            found = list(self._set_by(module, top))
            if function is module.body:
                place = function.statement_of(span)
                found = [binding for binding in found if binding.start is not None and binding.start < place]
            hosts = {self._host(module.body, binding) for binding in found}
            if hosts:
                return hosts.pop() if len(hosts) == 1 else ""
        return ""

    def _host(self, body: FunctionNode, binding: Binding) -> str:
        """Return the host that is set, nothing where there may be several."""
        if binding.start is None or binding.start.column:
            return ""
        values = self._resolver.everywhere(self._resolver.evaluate(binding.value, body))
        hosts = {self._resolver.externals.named_host(value.value) if isinstance(value, Text) else "" for value in values}
        return hosts.pop() if len(hosts) == 1 else ""

    def _set_by(self, module: ModuleNode, top: str) -> Iterator[Binding]:
        """Yield what any of the scopes of a module sets of the hosts of a package."""
        for function in module.functions.values():
            for binding in function.outline.bindings:
                if isinstance(binding.target, Attribute) and self._is_setting(binding.target, top, function):
                    yield binding

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
