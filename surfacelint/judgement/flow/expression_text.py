"""Source text of expressions, short enough for a message."""

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
"""Characters. Longer texts are cut and end in an ellipsis."""

_RANGES = frozenset({"range", "trange"})


def how_often(iterable: Expr) -> str:
    """Return in words how often a loop over `iterable` runs: `once per row of df`, `150 times`."""
    match iterable:
        case Call(function=Attribute(value=table, attr="iterrows" | "itertuples")):
            return f"once per row of `{source_text(table)}`"
        case Call(function=Attribute(value=value, attr="items" | "keys" | "values"), arguments=()):
            return f"once per item of `{source_text(value)}`"
        case Call(function=Name(id=name) | Attribute(attr=name), arguments=arguments) if name in _RANGES:
            return _counted([each.value for each in arguments if each.name is None]) or f"once per item of `{source_text(iterable)}`"
        case _:
            return f"once per item of `{source_text(iterable)}`"


def _counted(limits: list[Expr]) -> str:
    """Return in words how often a loop over a range runs, given its arguments; empty for a range that does not begin with 0."""
    if len(limits) > 1 and limits[0] != Constant(0):
        return ""
    match limits[:2][-1:]:
        case [Call(function=Name(id="len"), arguments=(measured,))]:
            return f"once per {'chunk' if len(limits) > 2 else 'item'} of `{source_text(measured.value)}`"
        case [stop] if len(limits) < 3:
            return f"{source_text(stop)} times" if isinstance(stop, Constant) else f"`{source_text(stop)}` times"
        case _:
            return ""


def source_text(expr: Expr) -> str:
    """Return the source text of `expr` on one line, shortened so that its author recognises it.

    It has no backticks, in which messages put it: what follows one in a string would be Markdown where messages are.
    """
    text = _full_text(expr).replace("`", "'")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def _full_text(expr: Expr) -> str:
    match expr:
        case Name(id=name):
            return name
        case Attribute(value=value, attr=attr):
            return f"{_full_text(value)}.{attr}"
        case Call(function=function, arguments=arguments):
            given = ", ".join(f"{a.name}={_full_text(a.value)}" if a.name else f"{a.star}{_full_text(a.value)}" for a in arguments)
            return f"{_full_text(function)}({given})"
        case Subscript(value=value, index=index):
            return f"{_full_text(value)}[{_full_text(index)}]"
        case Slice(lower=lower, upper=upper, step=step):
            ends = ["" if part is None else _full_text(part) for part in (lower, upper)]
            return ":".join(ends if step is None else [*ends, _full_text(step)])
        case Constant(value=value):
            return repr(value)
        case Await(value=value) | Enter(value=value) | Element(value=value):
            return _full_text(value)
        case Starred(value=value):
            return f"*{_full_text(value)}"
        case Walrus(value=value):
            return _full_text(value)
        case _:
            return _display_text(expr)


def _display_text(expr: Expr) -> str:
    match expr:
        case Collection(kind=kind, items=items):
            brackets = {"list": "[]", "set": "{}"}.get(kind, "()")
            return f"{brackets[0]}{', '.join(_full_text(item) for item in items)}{brackets[1]}"
        case Mapping():
            return "{…}"
        case Comprehension(kind=kind, clauses=clauses):
            opening = {"list": "[", "generator": "("}.get(kind, "{")
            return f"{opening}… for {_full_text(clauses[0].target)} in {_full_text(clauses[0].iterable)}…"
        case Lambda():
            return "lambda"
        case Choice(options=options, tests=tests):
            return " or ".join(_full_text(option) for option in options) if not tests else f"{_full_text(options[0])} if … else …"
        case Composite(operator="format"):
            return 'f"…"'
        case Composite(operator=operator, parts=parts) if len(parts) > 1:
            return f" {operator} ".join(_full_text(part) for part in parts)
        case Composite(operator=operator, parts=parts):
            return f"{operator}{_full_text(parts[0])}" if parts else "…"
        case _:
            return "…"
