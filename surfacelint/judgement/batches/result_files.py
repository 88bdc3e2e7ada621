"""Tracks batch results that a function writes to a file and reads back."""

from __future__ import annotations

from surfacelint.facts.expressions import Attribute, Call, Constant, Expr, Name
from surfacelint.judgement.batches.result_fields import Activation, FieldPath
from surfacelint.judgement.flow.expression_text import source_text

_WRITES = frozenset({"write", "writelines", "write_text", "write_bytes", "write_to_file", "stream_to_file"})
_READS = frozenset({"open", "read_json", "read_text", "read_bytes"})


def writes(call: Call, name: str) -> bool:
    """Whether a call of a method `name` writes its arguments or its receiver to a file."""
    return name in _WRITES or (name == "dump" and len(call.arguments) > 1)


def written(call: Call, act: Activation, paths: set[FieldPath]) -> None:
    """Record the field paths of what a call writes to a file."""
    function = call.function
    assert isinstance(function, Attribute)
    if function.attr in ("write_to_file", "stream_to_file"):
        holder: Expr = call.arguments[0].value if call.arguments else function.value
    else:
        holder = call.arguments[1].value if function.attr == "dump" else function.value
    file = _file(holder, act)
    if file is not None and paths:
        act.files.setdefault(file, set()).update(paths)


def opened(call: Call, act: Activation, name: str, library_paths: list[str]) -> set[FieldPath]:
    """Return the field paths of what was written to the file that a call of `name` opens or reads."""
    if name not in _READS and not any(path.endswith("open") for path in library_paths):
        return set()
    if call.arguments and name not in ("read_text", "read_bytes"):
        holder = call.arguments[0].value
    else:
        holder = call.function.value if isinstance(call.function, Attribute) else call.function
    file = _file(holder, act)
    return set(act.files.get(file, ())) if file is not None else set()


def _file(expr: Expr, act: Activation) -> Expr | None:
    """Return the expression of a file's path, given the path itself, a call that opens it, or a name of the open file."""
    for _ in range(4):
        match expr:
            case Call(function=Name(id="open" | "Path" | "str"), arguments=(first, *_)):
                expr = first.value
            case Call(function=Attribute(value=value, attr="open"), arguments=()) | Call(function=Attribute(value=value, attr="open")):
                expr = value
            case Name(id=name) if (opening := _opening_call(name, act)) is not None:
                expr = opening
            case _:
                break
    return expr if isinstance(expr, Name | Attribute | Constant) else None


def _opening_call(name: str, act: Activation) -> Expr | None:
    """Return the call that opens the file which a name holds, if there is only one such file."""
    bound = [source.value for source in act.function.names.get(name, ()) if source.value is not None]
    values = [getattr(value, "value", value) for value in bound]
    calls = [value for value in values if isinstance(value, Call) and "open" in source_text(value.function)]
    return calls[0] if calls and len({_file(value, act) for value in calls}) == 1 else None
