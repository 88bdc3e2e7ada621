"""Sweeps: repetitions that vary the model or one of its parameters, not the data.

Data flow decides: an item that goes into the input of the request is data, whatever it is called. Names decide where the way of
an item is not known, and where it is part of both.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.facts.expressions import Argument, Attribute, Call, Constant, Expr, Name, Subscript, children, dotted
from surfacelint.judgement.flow.access_paths import AccessPaths, argument_reads, first_overlap, reads
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.repetition.call_site_facts import CallSiteFacts, Role
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class _Named:
    """A name which says that a repetition is over models or their parameters. One of `variants` says so of parts of the prompt, too."""

    name: str
    is_variant: bool


def swept_name(frame: EnclosingRepetition, facts: CallSiteFacts, item: AccessPaths) -> str | None:
    """Return the name which shows that a loop or comprehension is a sweep; `None` if it is none."""
    named = _named(frame, facts)
    if named is not None and named.is_variant:
        return named.name
    target = next(iter(frame.targets), "") if len(frame.targets) == 1 else ""
    unsent = facts.unsent()
    varied: list[tuple[Role, str]] = []
    for number, argument in enumerate(facts.call.arguments):
        # An argument may also be unsent, such as the name of a group, which is only printed.
        if first_overlap(reads(argument.value), item) is not None and id(argument.value) not in unsent:
            name = argument.name or dotted(argument.value) or target or "a parameter"
            varied.append((facts.role(number, argument.name, item), name))
    receiver = facts.call.function.value if isinstance(facts.call.function, Attribute) else facts.call.function
    roles = {role for role, _ in varied}
    if first_overlap(reads(receiver), item) is not None:
        if named is not None and (roles != {"input"} or first_overlap(reads(receiver), frame.targets) is not None):
            return named.name
        if not varied:
            return _swept_client(frame, facts, item, dotted(receiver) or target)
    if named is not None:
        return named.name if not varied or _may_be_setting(roles) else None
    return varied[0][1] if roles == {"setting"} else None


def mapped_name(frame: EnclosingRepetition, facts: CallSiteFacts) -> str | None:
    """Return the name which shows that a mapping function is a sweep; `None` if it is none."""
    role = facts.mapped_role()
    named = None if frame.iterable is None else _named_items(frame.iterable, facts)
    if named is not None and (named.is_variant or _may_be_setting({role})):
        return named.name
    return "a parameter" if role == "setting" else None


def _may_be_setting(roles: set[Role]) -> bool:
    """Whether something of an item selects the model or sets a parameter, or nothing is known of where it goes."""
    return not roles.isdisjoint({"setting", "both"}) or roles == {"unknown"}


def _swept_client(frame: EnclosingRepetition, facts: CallSiteFacts, item: AccessPaths, name: str) -> str | None:
    """Return `name` if the item is a client that gets the input as an argument, and not the input of a client that is passed."""
    if not facts.call.arguments:
        return None
    passed = AccessPaths(argument_reads(facts.call))
    asked = bool(passed) and facts.reaches_input(passed, frame.block)
    return name if asked or not facts.reaches_input(item, frame.block) else None


def _named(frame: EnclosingRepetition, facts: CallSiteFacts) -> _Named | None:
    """Return the name of the item of a repetition, or one in its iterable, which says that it is over models or their parameters."""
    target = next(iter(frame.targets), "").lower() if len(frame.targets) == 1 else ""
    if target in facts.sweep.names or target in facts.sweep.variants:
        return _Named(next(iter(frame.targets)), target in facts.sweep.variants)
    return None if frame.iterable is None else _named_items(frame.iterable, facts)


def _named_items(iterable: Expr, facts: CallSiteFacts) -> _Named | None:
    """Return the name in an iterable which says that it holds models or their parameters: `models` of `self.models.keys()`."""
    hints = facts.sweep
    singular = {*hints.names, *hints.variants}
    plurals = {name for name in singular if name.endswith("s") and name[:-1] in singular}
    for name in _names_of_items(iterable):
        lower = name.lower()
        counted = lower.removeprefix("n_").removeprefix("num_")
        if lower in plurals or counted in plurals or not set(hints.words).isdisjoint(lower.split("_")):
            return _Named(name, lower in hints.variants or counted in hints.variants)
    return None


def _names_of_items(iterable: Expr) -> Iterator[str]:
    """Yield the names that say what an iterable holds: of an entry or field, its own name and not that of the object around it."""
    stack = [iterable]
    while stack:
        match stack.pop():
            case (
                Subscript(index=Constant(value=str(name)))
                | Call(function=Attribute(attr="get"), arguments=(Argument(value=Constant(value=str(name))), *_))
                | Attribute(attr=name)
                | Name(id=name)
            ):
                yield name
            case Call(function=Attribute(value=value, attr=method), arguments=arguments):
                yield method
                stack += [*(argument.value for argument in reversed(arguments)), value]
            case other:
                stack += reversed(children(other))
