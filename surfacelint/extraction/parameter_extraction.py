"""Converts the parameters of functions and lambdas, with annotations and defaults."""

from __future__ import annotations

import ast

from surfacelint.extraction.ast_expressions import Converter, annotation
from surfacelint.extraction.expression_listener import Listener
from surfacelint.facts.module_outlines import Parameter


def parameters_of(arguments: ast.arguments, converter: Converter, listener: Listener) -> tuple[Parameter, ...]:
    """Return the parameters of a function or lambda in order. `listener` is the enclosing scope, which evaluates defaults."""

    def parameter(node: ast.arg, kind: str, default: ast.expr | None = None) -> Parameter:
        value = None if default is None else converter.expression(default, listener)
        return Parameter(node.arg, kind, annotation(converter, node.annotation, listener), value)

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
