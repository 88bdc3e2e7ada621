"""How a file spells the states of a batch job: as strings, in which case, or as members of an enumeration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import libcst as cst
from libcst.helpers import get_full_name_for_node

from surfacelint.facts.expressions import Attribute, Call, Collection, Constant, Expr, Name, dotted
from surfacelint.facts.module_outlines import ModuleOutline
from surfacelint.system.records import record

_CASES: tuple[Callable[[str], str], ...] = (str, str.lower, str.upper)


@record(frozen=True, slots=True)
class StateNames:
    """The spelling of states. `enumeration` holds them as members; without one they are strings, in the case of `case`."""

    enumeration: str = ""
    case: Callable[[str], str] = str

    @classmethod
    def of(cls, compared: cst.BaseExpression, outline: ModuleOutline, states: Sequence[str]) -> StateNames | None:
        """Return how an expression, with which a status is compared, spells `states`; `None` if it names none of them."""
        for word, enumeration in _words(compared, outline):
            for case in _CASES:
                if word in {case(state) for state in states}:
                    return cls(enumeration, case)
        return None

    def spelled(self, state: str) -> str:
        """Return the code for a state."""
        return f"{self.enumeration}.{state}" if self.enumeration else f'"{self.case(state)}"'


def _words(node: cst.CSTNode, outline: ModuleOutline) -> Iterator[tuple[str, str]]:
    """Yield the strings and the members of enumerations in an expression, with the enumeration."""
    match node:
        case cst.SimpleString():
            yield str(node.evaluated_value), ""
        case cst.Attribute(value=owner, attr=cst.Name(value=word)):
            yield word, get_full_name_for_node(owner) or ""
        case cst.Name(value=name):
            for value in _values(name, outline):
                yield from _fact_words(value)
        case cst.Tuple() | cst.List() | cst.Set():
            for element in node.elements:
                yield from _words(element.value, outline)
        case cst.Call():
            for argument in node.args:
                yield from _words(argument.value, outline)
        case _:
            pass


def _values(name: str, outline: ModuleOutline) -> list[Expr]:
    return [each.value for function in outline.functions for each in function.bindings if each.target == Name(name)]


def _fact_words(value: Expr) -> Iterator[tuple[str, str]]:
    match value:
        case Constant(value=str(word)):
            yield word, ""
        case Attribute(value=owner, attr=word):
            yield word, dotted(owner) or ""
        case Collection(items=items):
            for item in items:
                yield from _fact_words(item)
        case Call(arguments=arguments):
            for argument in arguments:
                yield from _fact_words(argument.value)
        case _:
            pass
