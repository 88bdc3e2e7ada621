"""Extracts the `ModuleOutline` of a source text: scopes, bindings, calls and returns, all unresolved."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from surfacelint.extraction.ast_expressions import Converter, annotation
from surfacelint.extraction.compiler_suspects import compile_doubtful
from surfacelint.extraction.newer_syntax import parse
from surfacelint.extraction.parameter_extraction import parameters_of
from surfacelint.extraction.scope_extraction import Module, Scope
from surfacelint.extraction.switch_tests import always_leaves, case_test
from surfacelint.extraction.type_tests import class_patterns, leaves, tests_types
from surfacelint.facts.expressions import (
    NOTHING,
    Attribute,
    Composite,
    Element,
    Enter,
    Expr,
    Name,
    Position,
    Span,
)
from surfacelint.facts.module_outlines import MODULE_BODY, Binding, ClassOutline, Import, ModuleOutline, Narrowing


def read_outline(text: str, *, cells: bool = False) -> ModuleOutline:
    """Return the outline of a module. With `cells`, the text is that of a notebook, whose cells were compiled one by one.

    Raises SyntaxError (ValueError for null bytes) if no Python can compile it, and RecursionError or MemoryError if it is
    nested too deeply.
    """
    tree, spelling = parse(text)
    text = spelling.text
    module = Module(Converter(text, 0, spelling), _STATEMENTS)
    scope = Scope(module, MODULE_BODY, None, None)
    scope.statements(tree.body)
    lines = text.count("\n") + 1
    whole = Span(Position(1, 0), Position(lines, 0))
    body = scope.finish((), (), (), whole, (1, lines), returned=None)
    if not cells:
        compile_doubtful(text, tree, module.converter.doubts, module.futures)
    return ModuleOutline((body, *module.functions), tuple(module.classes))


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> tuple[int, int]:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return first, node.end_lineno or node.lineno


def _function(scope: Scope, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str | None = None) -> str:
    """Add the outline of a function, and return its qualname. `owner` is the class of a method."""
    decorators = tuple(scope.expression(decorator) for decorator in node.decorator_list)
    parameters = parameters_of(node.args, scope.module.converter, scope)
    returned = annotation(scope.module.converter, node.returns, scope)
    if getattr(node, "type_params", None):
        scope.module.doubt()
    scope.module.converter.doubts.parameters(node.args)
    qualname = f"{owner}.{node.name}" if owner else scope.inner_name(node.name)
    if qualname in scope.module.taken:  # A redefinition: an overload, a conditional definition, or a property setter.
        qualname = f"{qualname}@{node.lineno}"
    scope.module.taken.add(qualname)
    inner = Scope(scope.module, qualname, scope.qualname, owner, isinstance(node, ast.AsyncFunctionDef))
    inner.leading_globals = _leading_globals(node)
    number = len(scope.module.functions)
    inner.statements(node.body)
    outline = inner.finish(
        parameters,
        decorators,
        (),
        scope.module.converter.span(node),
        _lines(node),
        returned=returned,
    )
    scope.module.functions.insert(number, outline)
    return qualname


def _leading_globals(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the number of `global` statements at the head of a function, where the compiler accepts them; 0 if one names a parameter."""
    leading: list[str] = []
    number = 0
    for position, statement in enumerate(node.body):
        if isinstance(statement, ast.Global):
            number += 1
            leading += statement.names
        elif position or not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            break
    return number if number and not any(isinstance(each, ast.arg) and each.arg in leading for each in ast.walk(node.args)) else 0


def _define_function(scope: Scope, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    scope.definitions.append((node.name, _function(scope, node)))


def _class(scope: Scope, node: ast.ClassDef, owner: str | None = None) -> str:
    """Add the outline of a class, and return its qualname."""
    qualname = f"{owner}.{node.name}" if owner else scope.inner_name(node.name)
    bases = tuple(scope.expression(base) for base in node.bases)
    decorators = tuple(scope.expression(decorator) for decorator in node.decorator_list)
    scope.module.converter.doubts.keywords(node.keywords)
    scope.check_only(*(keyword.value for keyword in node.keywords))
    if getattr(node, "type_params", None):
        scope.module.doubt()
    methods: list[tuple[str, str]] = []
    classes: list[tuple[str, str]] = []
    # Other statements of a class body run in the enclosing scope, but their bindings belong to the class.
    outside, scope.bindings = scope.bindings, []
    around, scope.in_class = scope.in_class, True
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            methods.append((statement.name, _function(scope, statement, qualname)))
        elif isinstance(statement, ast.ClassDef):
            classes.append((statement.name, _class(scope, statement, qualname)))
        else:
            scope.statements([statement])
    bindings, scope.bindings = tuple(scope.bindings), outside
    scope.in_class = around
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


def _define_class(scope: Scope, node: ast.ClassDef) -> None:
    scope.definitions.append((node.name, _class(scope, node)))


def _assign(scope: Scope, node: ast.Assign) -> None:
    value = scope.expression(node.value)
    for target in node.targets:
        scope.bind(scope.expression(target), value)


def _alias(scope: Scope, node: Any) -> None:
    scope.module.doubt()
    scope.bind(scope.expression(node.name), scope.expression(node.value))


def _annotated(scope: Scope, node: ast.AnnAssign) -> None:
    value = NOTHING if node.value is None else scope.expression(node.value)
    target = scope.expression(node.target)
    if isinstance(target, Name) and target.id in scope.global_names:
        scope.module.doubt()
    if isinstance(target, Name | Attribute):
        declared = annotation(scope.module.converter, node.annotation, scope)
        scope.bindings.append(Binding(target, value, declared, scope.start))
    else:
        scope.check_only(node.annotation)


def _augment(scope: Scope, node: ast.AugAssign) -> None:
    target = scope.expression(node.target)
    scope.bind(target, Composite("+", (target, scope.expression(node.value))))


def _leave(scope: Scope, node: ast.Break | ast.Continue) -> None:
    if not scope.depth or scope.in_class:
        scope.module.doubt()


def _delete(scope: Scope, node: ast.Delete) -> None:
    for target in node.targets:
        scope.expression(target)


def _for(scope: Scope, node: ast.For | ast.AsyncFor) -> None:
    if isinstance(node, ast.AsyncFor):
        scope.awaits()
    iterable = scope.expression(node.iter)
    scope.bind(scope.expression(node.target), Element(iterable))
    scope.repeated(node.body)
    scope.statements(node.orelse)


def _while(scope: Scope, node: ast.While) -> None:
    scope.repeat(1)
    test = scope.expression(node.test)
    scope.repeat(-1)
    first = scope.reached()
    scope.repeated(node.body)
    scope.branch(test, first, holds=True)
    scope.statements(node.orelse)


def _if(scope: Scope, node: ast.If) -> None:
    test = scope.expression(node.test)
    if tests_types(test):
        _narrow(scope, node, test)
    first = scope.reached()
    scope.statements(node.body)
    scope.branch(test, first, holds=True)
    _otherwise(scope, node.orelse, test, leaves=always_leaves(node.body))


def _otherwise(scope: Scope, block: list[ast.stmt], test: Expr, *, leaves: bool) -> None:
    """Read what runs only if a test fails: the `else` part, and if the other part always `leaves`, the rest of the block as well."""
    first = scope.reached()
    if leaves and len(block) == 1 and isinstance(block[0], ast.If):
        scope.statement(block[0])  # its exits too are exits of the block
    else:
        scope.statements(block)
    if leaves:
        scope.exits.append((test, False, first))
        return
    scope.branch(test, first, holds=False)
    if always_leaves(block):
        scope.exits.append((test, True, scope.reached()))


def _narrow(scope: Scope, node: ast.If, test: Expr) -> None:
    """Record what the condition of an `if` says about classes: in its branches, and after them if one of them leaves."""
    scope.narrow(test, scope.part(node.body), scope.part(node.orelse))
    after_body, after_orelse = not leaves(node.body), not (node.orelse and leaves(node.orelse))
    if after_body != after_orelse:
        rest = scope.rest(node)
        scope.narrow(test, rest if after_body else None, rest if after_orelse else None)


def _with(scope: Scope, node: ast.With | ast.AsyncWith) -> None:
    if isinstance(node, ast.AsyncWith):
        scope.awaits()
    scope.module.converter.doubts.managers(node.items)
    for item in node.items:
        value = scope.expression(item.context_expr)
        if item.optional_vars is not None:
            scope.bind(scope.expression(item.optional_vars), Enter(value))
    scope.inside(node.body)


def _try(scope: Scope, node: ast.Try) -> None:
    scope.inside(node.body)
    for handler in node.handlers:
        scope.check_only(handler.type)
        if handler.type is None and handler is not node.handlers[-1]:
            scope.module.doubt()
        scope.inside(handler.body)
    scope.inside(node.orelse)
    scope.inside(node.finalbody)


def _try_groups(scope: Scope, node: ast.Try) -> None:
    scope.module.doubt()
    _try(scope, node)


def _match(scope: Scope, node: ast.Match) -> None:
    scope.module.doubt()
    subject = scope.expression(node.subject)
    before: list[tuple[Expr, int]] = []
    for case in node.cases:
        _case(scope, case, subject)
        test = case_test(scope.module.converter, subject, case.pattern)
        first = scope.reached()
        guard = None if case.guard is None else scope.expression(case.guard)
        inside = scope.reached()
        scope.statements(case.body)
        if guard is not None:
            scope.branch(guard, inside, holds=True)
        if test is not None:
            scope.branch(test, first, holds=True)
            if guard is None:
                before.append((test, scope.reached()))
    for test, first in before:
        scope.branch(test, first, holds=False)


def _case(scope: Scope, case: ast.match_case, subject: Expr) -> None:
    """Record the class of the subject in one case of a `match`, and the names that its pattern binds."""
    patterns = class_patterns(case.pattern)
    classes = tuple(scope.expression(pattern.cls) for pattern in patterns)
    if classes and isinstance(subject, Name | Attribute):
        span = scope.part(case.body)
        assert span is not None
        scope.narrowings.append(Narrowing(subject, classes, False, span))
    if isinstance(case.pattern, ast.MatchAs) and case.pattern.name is not None:
        declared = classes[0] if len(classes) == 1 else Composite("|", classes) if classes else None
        value = subject if declared is None else NOTHING
        scope.bindings.append(Binding(Name(case.pattern.name), value, declared, scope.start))
    for pattern in patterns:
        for attr, inner in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
            if isinstance(inner, ast.MatchAs) and inner.name is not None:
                scope.bind(Name(inner.name), Attribute(subject, attr))


def _return(scope: Scope, node: ast.Return) -> None:
    if scope.outside_function:
        scope.module.doubt()
    if node.value is not None:
        scope.answers = True
        scope.returns.append(scope.expression(node.value))


def _evaluate(scope: Scope, node: ast.Expr) -> None:
    scope.expression(node.value)


def _raise(scope: Scope, node: ast.Raise) -> None:
    for part in (node.exc, node.cause):
        if part is not None:
            scope.expression(part)


def _assert(scope: Scope, node: ast.Assert) -> None:
    test = scope.expression(node.test)
    if tests_types(test):
        scope.narrow(test, scope.rest(node), None)
    scope.check_only(node.msg)


def _import(scope: Scope, node: ast.Import) -> None:
    for alias in node.names:
        if alias.asname:
            scope.imports.append(Import(alias.asname, alias.name, ""))
        else:
            scope.imports.append(Import(alias.name.partition(".")[0], alias.name))


def _import_from(scope: Scope, node: ast.ImportFrom) -> None:
    if node.names[0].name == "*" and (scope.in_class or scope.qualname != MODULE_BODY):
        scope.module.doubt()
    if node.module == "__future__":
        scope.module.futures += 1
    for alias in node.names:
        scope.imports.append(Import(alias.asname or alias.name, node.module or "", alias.name, node.level))


def _globals(scope: Scope, node: ast.Global | ast.Nonlocal) -> None:
    if isinstance(node, ast.Global) and scope.leading_globals:
        scope.leading_globals -= 1
    else:
        scope.module.doubt()
    scope.global_names.extend(node.names)


_STATEMENTS: dict[type[ast.stmt], Callable[[Scope, Any], None]] = {
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
    ast.Break: _leave,
    ast.Continue: _leave,
    ast.Delete: _delete,
}

if hasattr(ast, "TryStar"):  # from Python 3.11
    _STATEMENTS[ast.TryStar] = _try_groups
if hasattr(ast, "TypeAlias"):  # from Python 3.12
    _STATEMENTS[ast.TypeAlias] = _alias
