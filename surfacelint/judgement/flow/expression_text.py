"""Expressions back to source, short enough for a message."""

from __future__ import annotations

from surfacelint.facts.expressions import (
    Attribute,
    Await,
    Call,
    Choice,
    Collection,
    Composite,
    Comprehension,
    Constant,
    Element,
    Enter,
    Expr,
    Lambda,
    Mapping,
    Name,
    Slice,
    Starred,
    Subscript,
    Walrus,
)

LONGEST = 60
"""Characters; longer spellings are cut in the middle of nothing and end in an ellipsis."""


_RANGES = frozenset({"range", "trange"})


def how_often(iterable: Expr) -> str:
    """Return in words how often a loop over `iterable` runs: `once per row of df`, `150 times`."""
    match iterable:
        case Call(function=Attribute(value=table, attr="iterrows" | "itertuples")):
            return f"once per row of `{spell(table)}`"
        case Call(function=Attribute(value=value, attr="items" | "keys" | "values"), arguments=()):
            return f"once per item of `{spell(value)}`"
        case Call(function=Name(id=name) | Attribute(attr=name), arguments=arguments) if name in _RANGES:
            return _counted([each.value for each in arguments if each.name is None]) or f"once per item of `{spell(iterable)}`"
        case _:
            return f"once per item of `{spell(iterable)}`"


def _counted(limits: list[Expr]) -> str:
    """Return how often a loop over a range runs that begins with 0; empty for any other."""
    if len(limits) > 1 and limits[0] != Constant(0):
        return ""
    match limits[:2][-1:]:
        case [Call(function=Name(id="len"), arguments=(measured,))]:
            return f"once per {'chunk' if len(limits) > 2 else 'item'} of `{spell(measured.value)}`"
        case [stop] if len(limits) < 3:
            return f"{spell(stop)} times" if isinstance(stop, Constant) else f"`{spell(stop)}` times"
        case _:
            return ""


def spell(expr: Expr) -> str:
    """Return `expr` as its author would recognise it, on one line."""
    text = _spell(expr)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def _spell(expr: Expr) -> str:
    match expr:
        case Name(id=name):
            return name
        case Attribute(value=value, attr=attr):
            return f"{_spell(value)}.{attr}"
        case Call(function=function, arguments=arguments):
            given = ", ".join(f"{a.name}={_spell(a.value)}" if a.name else f"{a.star}{_spell(a.value)}" for a in arguments)
            return f"{_spell(function)}({given})"
        case Subscript(value=value, index=index):
            return f"{_spell(value)}[{_spell(index)}]"
        case Slice(lower=lower, upper=upper, step=step):
            ends = ["" if part is None else _spell(part) for part in (lower, upper)]
            return ":".join(ends if step is None else [*ends, _spell(step)])
        case Constant(value=value):
            return repr(value)
        case Await(value=value) | Enter(value=value) | Element(value=value):
            return _spell(value)
        case Starred(value=value):
            return f"*{_spell(value)}"
        case Walrus(value=value):
            return _spell(value)
        case _:
            return _spell_display(expr)


def _spell_display(expr: Expr) -> str:
    match expr:
        case Collection(kind=kind, items=items):
            brackets = {"list": "[]", "set": "{}"}.get(kind, "()")
            return f"{brackets[0]}{', '.join(_spell(item) for item in items)}{brackets[1]}"
        case Mapping():
            return "{…}"
        case Comprehension(kind=kind, clauses=clauses):
            opening = {"list": "[", "generator": "("}.get(kind, "{")
            return f"{opening}… for {_spell(clauses[0].target)} in {_spell(clauses[0].iterable)}…"
        case Lambda():
            return "lambda"
        case Choice(options=options, tests=tests):
            return " or ".join(_spell(option) for option in options) if not tests else f"{_spell(options[0])} if … else …"
        case Composite(operator="format"):
            return 'f"…"'
        case Composite(operator=operator, parts=parts) if len(parts) > 1:
            return f" {operator} ".join(_spell(part) for part in parts)
        case Composite(operator=operator, parts=parts):
            return f"{operator}{_spell(parts[0])}" if parts else "…"
        case _:
            return "…"
