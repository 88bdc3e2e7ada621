"""Collects what each scope of a module binds, calls and returns while its outline is extracted, and doubts for the compiler."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from surfacelint.extraction.ast_expressions import Converter
from surfacelint.extraction.compiler_suspects import DEEPEST
from surfacelint.extraction.parameter_extraction import parameters_of
from surfacelint.extraction.switch_tests import is_switch
from surfacelint.extraction.type_tests import contradicted, type_tests
from surfacelint.facts.expressions import Attribute, Call, Collection, Constant, Expr, Name, Position, Span, Starred, Subscript
from surfacelint.facts.module_outlines import (
    MODULE_BODY,
    Binding,
    Branch,
    CallSite,
    ClassOutline,
    FunctionOutline,
    Import,
    Narrowing,
    Parameter,
    lambda_name,
)

Readers: TypeAlias = Mapping[type[ast.stmt], Callable[["Scope", Any], None]]
"""The function that reads each type of statement. Each only gets statements of its key's type."""


@dataclass(slots=True)
class Module:
    """What is collected from all scopes of one module. `taken` are the qualnames in use, `futures` counts `__future__` imports."""

    converter: Converter
    readers: Readers
    functions: list[FunctionOutline] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    classes: list[ClassOutline] = field(default_factory=list)
    futures: int = 0

    def doubt(self) -> None:
        """Record a construct that the compiler may reject."""
        self.converter.doubts.raised = True


@dataclass(slots=True)
class Scope:
    """A function, or the module body, while it is read.

    `in_class`: a class body in it is being read. `depth` counts the loops and comprehensions, `blocks` the nested blocks
    around the current statement, and `end` is the last statement of the innermost one. `exits` are tests that decide whether the rest of a
    block runs: each with the value for which it does, and the number of the first call after it. `leading_globals` counts the `global`
    statements at its head that are still to be read.
    """

    module: Module
    qualname: str
    parent: str | None
    owner: str | None
    is_async: bool = False
    depth: int = 0
    blocks: int = 0
    in_class: bool = False
    answers: bool = False
    start: Position | None = None
    is_generator: bool = False
    imports: list[Import] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    calls: list[CallSite] = field(default_factory=list)
    returns: list[Expr] = field(default_factory=list)
    definitions: list[tuple[str, str]] = field(default_factory=list)
    global_names: list[str] = field(default_factory=list)
    leading_globals: int = 0
    narrowings: list[Narrowing] = field(default_factory=list)
    end: ast.stmt | None = None
    branches: list[Branch] = field(default_factory=list)
    exits: list[tuple[Expr, bool, int]] = field(default_factory=list)

    # The converter's listener.

    def call(self, call: Call, *, awaited: bool) -> None:
        self.calls.append(CallSite(call, self.depth > 0, awaited, self.start))

    def function(self, node: ast.Lambda, span: Span) -> None:
        name = lambda_name(span)
        inner = Scope(self.module, name, self.qualname, None)
        parameters = parameters_of(node.args, self.module.converter, self)
        inner.returns.append(inner.expression(node.body))
        self.module.functions.append(inner.finish(parameters, (), (), span, (span.start.line, span.end.line), returned=None))

    def bind(self, target: Expr, value: Expr) -> None:
        _bind(self.bindings, target, value, self.start)

    def awaits(self) -> None:
        if not self.is_async or self.in_class:
            self.module.doubt()

    def yields(self, value: Expr | None) -> None:
        if self.outside_function:
            self.module.doubt()
        self.is_generator = True
        if value is not None:
            self.returns.append(Collection("generator", (value,)))

    def narrow(self, test: Expr, body: Span | None, orelse: Span | None) -> None:
        for span, found in ((body, type_tests), (orelse, contradicted)):
            if span is not None:
                self.narrowings += [Narrowing(*each, span) for each in found(test)]

    def repeat(self, by: int) -> None:
        self.depth += by

    def reached(self) -> int:
        return len(self.calls)

    def branch(self, test: Expr, first: int, *, holds: bool) -> None:
        if len(self.calls) > first and is_switch(test):
            self.branches.append(Branch(test, holds, first, len(self.calls)))

    # Reading.

    def expression(self, node: ast.expr) -> Expr:
        return self.module.converter.expression(node, self)

    def check_only(self, *nodes: ast.expr | None) -> None:
        self.module.converter.check_only(*nodes)

    def statements(self, nodes: list[ast.stmt]) -> None:
        around, self.end = self.end, nodes[-1] if nodes else None
        exits = len(self.exits)
        for node in nodes:
            self.statement(node)
        while len(self.exits) > exits:
            test, holds, first = self.exits.pop()
            self.branch(test, first, holds=holds)
        self.end = around

    def statement(self, node: ast.stmt) -> None:
        read = self.module.readers.get(type(node))
        if read is not None:
            self.start = Position(node.lineno, node.col_offset)
            read(self, node)

    def part(self, nodes: list[ast.stmt]) -> Span | None:
        """Return the span of a block."""
        span = self.module.converter.span
        return Span(span(nodes[0]).start, span(nodes[-1]).end) if nodes else None

    def rest(self, node: ast.stmt) -> Span | None:
        """Return the span of what follows a statement in its block."""
        span = self.module.converter.span
        return Span(span(node).end, span(self.end).end) if self.end is not None and self.end is not node else None

    def repeated(self, nodes: list[ast.stmt]) -> None:
        self.depth += 1
        self.inside(nodes)
        self.depth -= 1

    def inside(self, nodes: list[ast.stmt]) -> None:
        self.blocks += 1
        if self.blocks > DEEPEST:
            self.module.doubt()
        self.statements(nodes)
        self.blocks -= 1

    @property
    def outside_function(self) -> bool:
        return self.in_class or self.qualname == MODULE_BODY

    def inner_name(self, name: str) -> str:
        return name if self.qualname == MODULE_BODY else f"{self.qualname}.{name}"

    def finish(
        self,
        parameters: tuple[Parameter, ...],
        decorators: tuple[Expr, ...],
        definitions: tuple[tuple[str, str], ...],
        span: Span,
        lines: tuple[int, int],
        *,
        returned: Expr | None,
    ) -> FunctionOutline:
        if self.answers and self.is_generator and self.is_async:
            self.module.doubt()
        return FunctionOutline(
            qualname=self.qualname,
            owner=self.owner,
            parent=self.parent,
            parameters=parameters,
            decorators=decorators,
            is_async=self.is_async,
            is_generator=self.is_generator,
            imports=tuple(self.imports),
            bindings=tuple(self.bindings),
            calls=tuple(self.calls),
            returns=tuple(self.returns),
            definitions=(*self.definitions, *definitions),
            global_names=tuple(self.global_names),
            span=span,
            lines=lines,
            return_annotation=returned,
            narrowings=tuple(self.narrowings),
            branches=tuple(self.branches),
        )


def _bind(bindings: list[Binding], target: Expr, value: Expr, start: Position | None) -> None:
    """Add the bindings of assigning `value` to `target`. Displays are unpacked."""
    if isinstance(target, Collection):
        matched = isinstance(value, Collection) and len(value.items) == len(target.items)
        for number, item in enumerate(target.items):
            if isinstance(item, Starred):
                _bind(bindings, item.value, value, start)
            elif matched and isinstance(value, Collection):
                _bind(bindings, item, value.items[number], start)
            else:
                _bind(bindings, item, Subscript(value, Constant(number)), start)
    elif isinstance(target, Name | Attribute | Subscript):
        bindings.append(Binding(target, value, None, start))
