"""Hosts that a program sets for the module-level functions of an SDK: `openai.api_base = "http://localhost:8000/v1"`."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import Attribute, Span
from surfacelint.facts.module_outlines import Binding
from surfacelint.linking.evaluation.abstract_values import External, Text
from surfacelint.linking.evaluation.library_paths import host_of_url
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode, ModuleNode


class ModuleHosts:
    """Finds the hosts that modules set for SDKs.

    Only assignments at the top level of a module count: when a function runs, or whether a branch is taken, is unknown.
    """

    def __init__(self, resolver: Resolver, catalogue: Catalogue) -> None:
        self._resolver = resolver
        self._program = resolver.program
        self._catalogue = catalogue
        self._settings = catalogue.host_settings
        self._tops = frozenset(setting.partition(".")[0] for setting in self._settings)
        self._last_names = frozenset(setting.rpartition(".")[2] for setting in self._settings)

    def of(self, path: str, function: FunctionNode, span: Span) -> str:
        """Return the host that a call of `path` at `span` in a function reaches, an empty string if that is not certain.

        The assignments of its module decide, if they agree; otherwise those of the first imported module that has any.
        """
        top = path.partition(".")[0]
        if "(" in path or top not in self._tops:
            return ""
        for module in (function.module, *self._imported(function.module)):
            found = list(self._set_by(module, top))
            if function is module.body:
                statement = function.statement_of(span)
                found = [binding for binding in found if binding.start is not None and binding.start < statement]
            hosts = {self._host(module.body, binding) for binding in found}
            if hosts:
                return hosts.pop() if len(hosts) == 1 else ""
        return ""

    def _host(self, body: FunctionNode, binding: Binding) -> str:
        """Return the host that an assignment sets, an empty string if there may be several."""
        if binding.start is None or binding.start.column:
            return ""
        values = self._resolver.everywhere(self._resolver.evaluate(binding.value, body))
        hosts = {host_of_url(self._catalogue, value.value) if isinstance(value, Text) else "" for value in values}
        return hosts.pop() if len(hosts) == 1 else ""

    def _set_by(self, module: ModuleNode, top: str) -> Iterator[Binding]:
        """Yield the assignments in any scope of a module that set a host of a package."""
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
        """Yield the relevant modules that a module imports at its top level."""
        program = self._program
        for imported in module.body.outline.imports:
            name = program.source.resolve(imported.module, module.name, imported.level)
            below = None if name is None or not imported.symbol else program.source.submodule(name, imported.symbol)
            for node in (program.modules.get(found) for found in (name, below) if found is not None):
                if node is not None and node is not module and program.is_open(node):
                    yield node
