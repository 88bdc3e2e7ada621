"""The modules of a program and the facts about them that need no evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias, cast

from surfacelint.catalogue.index import Catalogue
from surfacelint.linking.evaluation.abstract_values import holds
from surfacelint.linking.evaluation.call_arguments import PassedArguments
from surfacelint.linking.evaluation.container_writes import collect_writes
from surfacelint.linking.evaluation.question_memo import CALLERS, RELEVANT, Memo
from surfacelint.linking.evaluation.symbol_tables import FunctionNode, ModuleNode, ModuleSource, build_module

Callers: TypeAlias = dict[str, list[tuple[FunctionNode, PassedArguments]]]
"""The calling function and the arguments of each known call, by the identifier of the called function or class."""


class ProgramIndex:
    """Modules by name, functions by identifier, known callers, and the memo that all evaluators share.

    `modules` holds what has been loaded so far, `None` for a module without source. `relevant` are the modules that lead to a
    provider; it only grows.
    """

    def __init__(self, source: ModuleSource, catalogue: Catalogue) -> None:
        self.source = source
        self.catalogue = catalogue
        self.modules: dict[str, ModuleNode | None] = {}
        self._functions: dict[str, FunctionNode] = {}
        self.relevant: frozenset[str] = frozenset()
        self.callers: Callers = {}
        self.memo = Memo(holds)

    def module(self, name: str) -> ModuleNode | None:
        """Load a module and return its scopes, `None` if it has no source."""
        try:
            return self.modules[name]
        except KeyError:
            outline = self.source.outline(name)
            node = None if outline is None else build_module(name, outline)
            self.modules[name] = node
            if node is not None:
                collect_writes(node, self.catalogue.assemblies)
            return node

    def function(self, id_: str) -> FunctionNode:
        """Return the function with an identifier."""
        known = self._functions.get(id_)
        if known is None:
            module, _, qualname = id_.rpartition(":")
            known = self._functions[id_] = cast(ModuleNode, self.module(module)).functions[qualname]
        return known

    def functions(self) -> Iterator[FunctionNode]:
        """Yield the functions of all loaded modules, module bodies included."""
        for module in list(self.modules.values()):
            yield from module.functions.values() if module is not None else ()

    def is_open(self, module: ModuleNode) -> bool:
        """Whether a module leads to a provider, so that its calls are evaluated. Of other modules only plain values are."""
        if module.name in self.relevant:
            return True
        self.memo.consult((RELEVANT, module.name))
        return False

    def calls_of(self, id_: str) -> Sequence[tuple[FunctionNode, PassedArguments]]:
        """Return the known calls of a function or class. The question being answered is noted as depending on them."""
        self.memo.consult((CALLERS, id_))
        return self.callers.get(id_, ())
