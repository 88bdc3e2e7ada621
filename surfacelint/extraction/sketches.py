"""Sketches of modules, made from their outlines and the words of their text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from surfacelint.facts.expressions import Attribute, Call, Expr, Name, Subscript, dotted, names
from surfacelint.facts.outlines import MODULE_BODY, ClassOutline, FunctionOutline, ModuleOutline
from surfacelint.facts.sketches import ClassSketch, Definition, Method, Sketch

_WORDS = re.compile(r"\w+").findall


def sketch(outline: ModuleOutline, text: str) -> Sketch:
    """Return the sketch of a module that has an outline and a text."""
    lines = text.split("\n")
    functions = {function.qualname: function for function in outline.functions}
    return Sketch(
        tuple([imported for function in outline.functions for imported in function.imports]),
        (*_variables(outline), *_definitions(outline, lines)),
        tuple([_class(class_, functions, lines) for class_ in outline.classes]),
    )


def _class(class_: ClassOutline, functions: dict[str, FunctionOutline], lines: list[str]) -> ClassSketch:
    bases = [dotted(base.value if isinstance(base, Subscript) else base) or "" for base in class_.bases]
    # Only what inherits is asked about what its methods say.
    methods = [Method(name, tuple(_words(lines, functions[qualname].lines)) if bases else ()) for name, qualname in class_.methods]
    return ClassSketch(class_.qualname, tuple(bases), tuple(methods))


def _definition(defined: Iterable[str], words: Iterable[str]) -> Definition:
    return Definition(tuple(sorted(set(defined))), tuple(words))


def _variables(outline: ModuleOutline) -> Iterator[Definition]:
    """Return what the module body binds, and what it hands things over to: `app.include_router(router)`, `registry["a"] = A`."""
    body = outline.functions[0]
    for binding in body.bindings:
        said = names(binding.value) | (names(binding.annotation) if binding.annotation is not None else frozenset())
        yield _definition(_root(binding.target), sorted(said))
    for site in body.calls:
        yield _definition(_root(site.call.function), sorted(names(site.call)))


def _definitions(outline: ModuleOutline, lines: list[str]) -> Iterator[Definition]:
    """Return the functions and classes of a module. Words inside of others count for these, too."""
    variables = {name for binding in outline.functions[0].bindings for name in _root(binding.target)}
    for function in outline.functions[1:]:
        touched = set(function.global_names) | (variables & set(_handed(function)))
        top = function.parent == MODULE_BODY and function.owner is None and not function.qualname.startswith("<")
        if top:
            touched.add(function.name)
        if touched:
            yield _definition(touched, _words(lines, function.lines))
    for class_ in outline.classes:
        handed = variables & {name for decorator in class_.decorators for name in _root(decorator)}
        yield _definition({class_.qualname.partition(".")[0], *handed}, _words(lines, class_.lines))


def _handed(function: FunctionOutline) -> Iterator[str]:
    """Return the names of what a function is handed over to by its decorators, or changes in its body."""
    for decorator in function.decorators:
        yield from _root(decorator)
    for binding in function.bindings:
        if not isinstance(binding.target, Name):
            yield from _root(binding.target)


def _words(lines: list[str], place: tuple[int, int]) -> list[str]:
    first, last = place
    return list(dict.fromkeys(_WORDS("\n".join(lines[first - 1 : last]))))


def _root(expr: Expr) -> list[str]:
    """Return the name that a chain of attributes, calls and items begins with, if it does."""
    while True:
        match expr:
            case Name(id=name):
                return [name]
            case Attribute(value=value) | Subscript(value=value):
                expr = value
            case Call(function=function):
                expr = function
            case _:
                return []
