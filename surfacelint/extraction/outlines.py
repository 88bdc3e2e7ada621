"""Source text → `ModuleOutline`: scopes, bindings, calls and returns, all unresolved."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from surfacelint.extraction.ast_expressions import Converter, annotation
from surfacelint.facts.expressions import (
    NOTHING,
    Attribute,
    Call,
    Collection,
    Composite,
    Constant,
    Element,
    Enter,
    Expr,
    Name,
    Position,
    Span,
    Starred,
    Subscript,
)
from surfacelint.facts.outlines import (
    MODULE_BODY,
    Binding,
    CallSite,
    ClassOutline,
    FunctionOutline,
    Import,
    ModuleOutline,
    Parameter,
    lambda_name,
)


def read_outline(text: str) -> ModuleOutline:
    """Return the outline of a module's source.

    Raises SyntaxError (or ValueError for null bytes) where this Python cannot parse it, and RecursionError or
    MemoryError where it is nested too deeply.
    """
    tree = parse(text)
    module = _Module(Converter(text))
    scope = _Scope(module, MODULE_BODY, None, None)
    scope.statements(tree.body)
    lines = text.count("\n") + 1
    whole = Span(Position(1, 0), Position(lines, 0))
    body = scope.finish((), (), (), whole, (1, lines), is_async=False, returned=None)
    return ModuleOutline((body, *module.functions), tuple(module.classes))


def parse(text: str) -> ast.Module:
    """Return the syntax tree of a module's source. Raises as `read_outline` does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are about the code under analysis, for its own authors
        return ast.parse(text)


@dataclass(slots=True)
class _Module:
    """What is collected over all scopes of one module."""

    converter: Converter
    functions: list[FunctionOutline] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    classes: list[ClassOutline] = field(default_factory=list)


@dataclass(slots=True)
class _Scope:
    """A function, or the module body, while it is read. `class_name` is set while a class body in it is read."""

    module: _Module
    qualname: str
    parent: str | None
    owner: str | None
    depth: int = 0
    start: Position | None = None
    is_generator: bool = False
    imports: list[Import] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    calls: list[CallSite] = field(default_factory=list)
    returns: list[Expr] = field(default_factory=list)
    definitions: list[tuple[str, str]] = field(default_factory=list)
    global_names: list[str] = field(default_factory=list)

    # The converter's listener.

    def call(self, call: Call, *, awaited: bool) -> None:
        self.calls.append(CallSite(call, self.depth > 0, awaited, self.start))

    def function(self, node: ast.Lambda, span: Span) -> None:
        name = lambda_name(span)
        inner = _Scope(self.module, name, self.qualname, None)
        parameters = _parameters(node.args, self)
        inner.returns.append(inner.expression(node.body))
        self.module.functions.append(
            inner.finish(parameters, (), (), span, (span.start.line, span.end.line), is_async=False, returned=None)
        )

    def bind(self, target: Expr, value: Expr) -> None:
        _bind(self.bindings, target, value, self.start)

    def yields(self, value: Expr | None) -> None:
        self.is_generator = True
        if value is not None:
            self.returns.append(Collection("generator", (value,)))

    def repeat(self, by: int) -> None:
        self.depth += by

    # Reading.

    def expression(self, node: ast.expr) -> Expr:
        return self.module.converter.expression(node, self)

    def statements(self, nodes: list[ast.stmt]) -> None:
        for node in nodes:
            read = _STATEMENTS.get(type(node))
            if read is not None:
                self.start = Position(node.lineno, node.col_offset)
                read(self, node)

    def repeated(self, nodes: list[ast.stmt]) -> None:
        self.depth += 1
        self.statements(nodes)
        self.depth -= 1

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
        is_async: bool,
        returned: Expr | None,
    ) -> FunctionOutline:
        return FunctionOutline(
            qualname=self.qualname,
            owner=self.owner,
            parent=self.parent,
            parameters=parameters,
            decorators=decorators,
            is_async=is_async,
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
        )


def _bind(bindings: list[Binding], target: Expr, value: Expr, start: Position | None) -> None:
    """Add what assigning `value` to `target` binds, unpacking displays."""
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


def _parameters(arguments: ast.arguments, scope: _Scope) -> tuple[Parameter, ...]:
    converter = scope.module.converter

    def parameter(node: ast.arg, kind: str, default: ast.expr | None = None) -> Parameter:
        value = None if default is None else scope.expression(default)
        return Parameter(node.arg, kind, annotation(converter, node.annotation, scope), value)

    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    defaults += arguments.defaults
    found = [parameter(node, "positional", default) for node, default in zip(positional, defaults, strict=True)]
    if arguments.vararg is not None:
        found.append(parameter(arguments.vararg, "*"))
    found += [parameter(node, "keyword", default) for node, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    if arguments.kwarg is not None:
        found.append(parameter(arguments.kwarg, "**"))
    return tuple(found)


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> tuple[int, int]:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return first, node.end_lineno or node.lineno


def _function(scope: _Scope, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str | None = None) -> str:
    """Read a function; return its qualname. `owner` is the class whose body it stands in."""
    decorators = tuple(scope.expression(decorator) for decorator in node.decorator_list)
    parameters = _parameters(node.args, scope)
    returned = annotation(scope.module.converter, node.returns, scope)
    qualname = f"{owner}.{node.name}" if owner else scope.inner_name(node.name)
    if qualname in scope.module.taken:  # redefinition: an overload, a conditional definition, a property setter
        qualname = f"{qualname}@{node.lineno}"
    scope.module.taken.add(qualname)
    inner = _Scope(scope.module, qualname, scope.qualname, owner)
    number = len(scope.module.functions)
    inner.statements(node.body)
    outline = inner.finish(
        parameters,
        decorators,
        (),
        scope.module.converter.span(node),
        _lines(node),
        is_async=isinstance(node, ast.AsyncFunctionDef),
        returned=returned,
    )
    scope.module.functions.insert(number, outline)
    return qualname


def _define_function(scope: _Scope, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    scope.definitions.append((node.name, _function(scope, node)))


def _class(scope: _Scope, node: ast.ClassDef, owner: str | None = None) -> str:
    """Read a class; return its qualname."""
    qualname = f"{owner}.{node.name}" if owner else scope.inner_name(node.name)
    bases = tuple(scope.expression(base) for base in node.bases)
    decorators = tuple(scope.expression(decorator) for decorator in node.decorator_list)
    methods: list[tuple[str, str]] = []
    classes: list[tuple[str, str]] = []
    # The other statements of a class body run in its surroundings; what they bind belongs to the class.
    outside, scope.bindings = scope.bindings, []
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            methods.append((statement.name, _function(scope, statement, qualname)))
        elif isinstance(statement, ast.ClassDef):
            classes.append((statement.name, _class(scope, statement, qualname)))
        else:
            scope.statements([statement])
    bindings, scope.bindings = tuple(scope.bindings), outside
    scope.module.classes.append(
        ClassOutline(
            qualname=qualname,
            parent=scope.qualname,
            bases=bases,
            decorators=decorators,
            bindings=bindings,
            methods=tuple(methods),
            classes=tuple(classes),
            span=scope.module.converter.span(node),
            lines=_lines(node),
        )
    )
    return qualname


def _define_class(scope: _Scope, node: ast.ClassDef) -> None:
    scope.definitions.append((node.name, _class(scope, node)))


def _assign(scope: _Scope, node: ast.Assign) -> None:
    value = scope.expression(node.value)
    for target in node.targets:
        scope.bind(scope.expression(target), value)


def _annotated(scope: _Scope, node: ast.AnnAssign) -> None:
    value = NOTHING if node.value is None else scope.expression(node.value)
    target = scope.expression(node.target)
    if isinstance(target, Name | Attribute):
        declared = annotation(scope.module.converter, node.annotation, scope)
        scope.bindings.append(Binding(target, value, declared, scope.start))


def _augment(scope: _Scope, node: ast.AugAssign) -> None:
    target = scope.expression(node.target)
    scope.bind(target, Composite("+", (target, scope.expression(node.value))))


def _for(scope: _Scope, node: ast.For | ast.AsyncFor) -> None:
    iterable = scope.expression(node.iter)
    scope.bind(scope.expression(node.target), Element(iterable))
    scope.repeated(node.body)
    scope.statements(node.orelse)


def _while(scope: _Scope, node: ast.While) -> None:
    scope.repeat(1)
    scope.expression(node.test)
    scope.repeat(-1)
    scope.repeated(node.body)
    scope.statements(node.orelse)


def _if(scope: _Scope, node: ast.If) -> None:
    scope.expression(node.test)
    scope.statements(node.body)
    scope.statements(node.orelse)


def _with(scope: _Scope, node: ast.With | ast.AsyncWith) -> None:
    for item in node.items:
        value = scope.expression(item.context_expr)
        if item.optional_vars is not None:
            scope.bind(scope.expression(item.optional_vars), Enter(value))
    scope.statements(node.body)


def _try(scope: _Scope, node: ast.Try) -> None:
    scope.statements(node.body)
    for handler in node.handlers:
        scope.statements(handler.body)
    scope.statements(node.orelse)
    scope.statements(node.finalbody)


def _match(scope: _Scope, node: ast.Match) -> None:
    scope.expression(node.subject)
    for case in node.cases:
        if case.guard is not None:
            scope.expression(case.guard)
        scope.statements(case.body)


def _return(scope: _Scope, node: ast.Return) -> None:
    if node.value is not None:
        scope.returns.append(scope.expression(node.value))


def _evaluate(scope: _Scope, node: ast.Expr) -> None:
    scope.expression(node.value)


def _raise(scope: _Scope, node: ast.Raise) -> None:
    for part in (node.exc, node.cause):
        if part is not None:
            scope.expression(part)


def _assert(scope: _Scope, node: ast.Assert) -> None:
    scope.expression(node.test)


def _import(scope: _Scope, node: ast.Import) -> None:
    for alias in node.names:
        if alias.asname:
            scope.imports.append(Import(alias.asname, alias.name, ""))
        else:
            scope.imports.append(Import(alias.name.partition(".")[0], alias.name))


def _import_from(scope: _Scope, node: ast.ImportFrom) -> None:
    for alias in node.names:
        scope.imports.append(Import(alias.asname or alias.name, node.module or "", alias.name, node.level))


def _globals(scope: _Scope, node: ast.Global | ast.Nonlocal) -> None:
    scope.global_names.extend(node.names)


_Read = Callable[[_Scope, Any], None]

_STATEMENTS: dict[type[ast.stmt], _Read] = {
    ast.FunctionDef: _define_function,
    ast.AsyncFunctionDef: _define_function,
    ast.ClassDef: _define_class,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augment,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.If: _if,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.Match: _match,
    ast.Return: _return,
    ast.Expr: _evaluate,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Global: _globals,
    ast.Nonlocal: _globals,
}

if hasattr(ast, "TryStar"):  # from Python 3.11
    _STATEMENTS[ast.TryStar] = _try
