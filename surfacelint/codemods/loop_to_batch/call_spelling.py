"""Calls in source text: their names, their arguments, and functions that take their place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import libcst as cst

from surfacelint.visitors.lasting_effects import target_names
from surfacelint.visitors.source_tree import children

Comprehension: TypeAlias = cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp
COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)


@dataclass(slots=True)
class DefinedCall:
    """A function that takes the place of code that sends a request. `parameters` are the names of the item that it uses."""

    name: str
    parameters: tuple[str, ...]
    node: cst.Call | cst.Lambda
    _body: cst.BaseExpression | None = None

    def replaced(self, updated: cst.Call | cst.Lambda) -> cst.BaseExpression:
        """Return what takes the place of the code, and keep the rewritten code for the function."""
        self._body = updated.body if isinstance(updated, cst.Lambda) else updated
        if isinstance(updated, cst.Lambda):
            return cst.Name(self.name)
        return cst.Call(cst.Name(self.name), [cst.Arg(cst.Name(each)) for each in self.parameters])

    def definition(self) -> cst.BaseStatement:
        """Return the definition of the function, once the code has been replaced."""
        assert self._body is not None
        made = cst.ensure_type(cst.parse_statement(f"def {self.name}({', '.join(self.parameters)}):\n    return None\n"), cst.FunctionDef)
        returned = cst.SimpleStatementLine([cst.Return(self._body)])
        return made.with_changes(body=cst.IndentedBlock([returned], footer=[cst.EmptyLine(indent=False)]))


def for_clauses(clause: cst.CompFor) -> Iterator[cst.CompFor]:
    """Yield the `for` clauses of a comprehension, outermost first."""
    here: cst.CompFor | None = clause
    while here is not None:
        yield here
        here = here.inner_for_in


def spaced(code: str) -> str:
    """Return the code of a clause with a blank before it."""
    return code if code.startswith(" ") else f" {code}"


def target_parts(target: cst.BaseExpression, path: str) -> Iterator[tuple[str, str]]:
    """Yield the names in a target, each with how it is reached from `path`."""
    if isinstance(target, cst.Name):
        yield target.value, path
    elif isinstance(target, cst.Tuple | cst.List):
        for number, element in enumerate(target.elements):
            yield from target_parts(element.value, f"{path}[{number}]")


def substituted(node: cst.Arg, parts: dict[str, str]) -> cst.Arg:
    """Return an argument with names replaced by expressions."""

    class _Names(cst.CSTTransformer):
        def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:  # noqa: N802
            return cst.parse_expression(parts[updated_node.value]) if updated_node.value in parts else updated_node

        def visit_Attribute_attr(self, node: cst.Attribute) -> None:  # noqa: N802
            return None

    return cst.ensure_type(node.with_changes(value=node.value.visit(_Names())), cst.Arg)


def names_in(code: str) -> list[cst.Name]:
    """Return the names at the roots of an expression."""
    found: list[cst.Name] = []
    pending: list[cst.CSTNode] = [cst.parse_expression(code)]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.Name):
            found.append(node)
        pending += [node.value] if isinstance(node, cst.Attribute) else children(node)
    return found


def assigned_names(node: cst.Assign) -> set[str]:
    """Return the plain names that an assignment binds."""
    return {name for target in node.targets for name in target_names(target.target)}
