"""Names and attributes that a function adds items to: `xs.append(x)`, `self.xs[key] = x`, `xs += [x]`."""

from __future__ import annotations

from surfacelint.facts.expressions import Attribute, Call, Collection, Composite, Comprehension, Name, Subscript
from surfacelint.facts.module_outlines import Binding, FunctionOutline
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.judgement.flow.statement_definitions import ADDING_METHODS
from surfacelint.linking.evaluation.symbol_tables import ModuleNode

_ADDED: IdentityMemo[frozenset[str]] = IdentityMemo()
_LISTS: IdentityMemo[frozenset[str]] = IdentityMemo()


class AppendedNames:
    """Answers for functions and modules, memoized."""

    def __init__(self) -> None:
        self._added_in: dict[str, frozenset[str]] = {}

    def added_to(self, outline: FunctionOutline) -> frozenset[str]:
        """Return the names and attributes that a function adds items to."""
        return _ADDED.get((outline,), lambda: _added_to(outline))

    def added_in(self, module: ModuleNode) -> frozenset[str]:
        """Return the names and attributes that the functions of a module add items to."""
        known = self._added_in.get(module.name)
        if known is None:
            found = (self.added_to(function.outline) for function in module.functions.values())
            known = self._added_in[module.name] = frozenset().union(*found)
        return known

    def lists_of_lists(self, outline: FunctionOutline) -> frozenset[str]:
        """Return the names to which a function appends lists that it fills itself: `batches.append(batch)`."""
        return _LISTS.get((outline,), lambda: _lists_of_lists(outline, self.added_to(outline)))


def _lists_of_lists(outline: FunctionOutline, filled: frozenset[str]) -> frozenset[str]:
    return frozenset(
        owner.id
        for site in outline.calls
        if isinstance(site.call.function, Attribute)
        and site.call.function.attr == "append"
        and isinstance(owner := site.call.function.value, Name)
        and _appends_list(site.call, filled)
    )


def _appends_list(call: Call, filled: frozenset[str]) -> bool:
    """Whether a call appends a list: a list display, or a name in `filled`."""
    return any(
        (isinstance(argument.value, Name) and argument.value.id in filled)
        or (isinstance(argument.value, Collection) and argument.value.kind == "list")
        for argument in call.arguments
    )


def _added_to(outline: FunctionOutline) -> frozenset[str]:
    """Find the names and attributes that a function adds items to."""
    owners = [
        site.call.function.value
        for site in outline.calls
        if isinstance(site.call.function, Attribute) and site.call.function.attr in ADDING_METHODS
    ]
    owners += [binding.target.value for binding in outline.bindings if isinstance(binding.target, Subscript)]
    owners += [binding.target for binding in outline.bindings if _adds_items(binding)]
    return frozenset(owner.attr if isinstance(owner, Attribute) else owner.id for owner in owners if isinstance(owner, Name | Attribute))


def _adds_items(binding: Binding) -> bool:
    """Whether a binding adds items to its own target: `xs += [x]`, `xs = xs + more()`."""
    value = binding.value
    if not isinstance(value, Composite) or value.operator != "+" or value.parts[:1] != (binding.target,):
        return False
    return any(isinstance(part, Collection | Comprehension) for part in value.parts[1:])
