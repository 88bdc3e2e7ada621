"""Files that a function writes results to, and reads them from again."""

from __future__ import annotations

from surfacelint.facts.expressions import Attribute, Call, Constant, Expr, Name
from surfacelint.judgement.batches.result_collection import Activation, Words
from surfacelint.judgement.flow.expression_text import spell

_WRITES = frozenset({"write", "writelines", "write_text", "write_bytes", "write_to_file", "stream_to_file"})
_READS = frozenset({"open", "read_json", "read_text", "read_bytes"})


def writes(call: Call, name: str) -> bool:
    """Whether a call of a method `name` writes what it is given, or its receiver, to a file."""
    return name in _WRITES or (name == "dump" and len(call.arguments) > 1)


def written(call: Call, act: Activation, words: set[Words]) -> None:
    """Remember what a call writes to a file."""
    function = call.function
    assert isinstance(function, Attribute)
    if function.attr in ("write_to_file", "stream_to_file"):
        holder: Expr = call.arguments[0].value if call.arguments else function.value
    else:
        holder = call.arguments[1].value if function.attr == "dump" else function.value
    path = _path(holder, act)
    if path is not None and words:
        act.files.setdefault(path, set()).update(words)


def opened(call: Call, act: Activation, name: str, paths: list[str]) -> set[Words]:
    """Return what was written to the file that a call reads."""
    if name not in _READS and not any(path.endswith("open") for path in paths):
        return set()
    if call.arguments and name not in ("read_text", "read_bytes"):
        holder = call.arguments[0].value
    else:
        holder = call.function.value if isinstance(call.function, Attribute) else call.function
    named = _path(holder, act)
    return set(act.files.get(named, ())) if named is not None else set()


def _path(expr: Expr, act: Activation) -> Expr | None:
    """Return the expression that names a file, behind what opens it."""
    for _ in range(4):
        match expr:
            case Call(function=Name(id="open" | "Path" | "str"), arguments=(first, *_)):
                expr = first.value
            case Call(function=Attribute(value=value, attr="open"), arguments=()) | Call(function=Attribute(value=value, attr="open")):
                expr = value
            case Name(id=name) if (entered := _entered(name, act)) is not None:
                expr = entered
            case _:
                break
    return expr if isinstance(expr, Name | Attribute | Constant) else None


def _entered(name: str, act: Activation) -> Expr | None:
    """Return what opens the file that a name holds."""
    bound = [source.value for source in act.function.names.get(name, ()) if source.value is not None]
    opening = [getattr(value, "value", value) for value in bound]
    calls = [value for value in opening if isinstance(value, Call) and "open" in spell(value.function)]
    return calls[0] if calls and len({_path(value, act) for value in calls}) == 1 else None
