"""Runs of a function: which expression a call passes for a parameter, or which default stands for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from surfacelint.facts.expressions import Attribute, Call, Constant, Expr, Mapping, Name, Subscript
from surfacelint.linking.evaluation.abstract_values import Parameter, segments
from surfacelint.linking.evaluation.call_arguments import PassedArguments, argument_for
from surfacelint.linking.evaluation.method_kinds import CONSTRUCTORS, is_static
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record


@record(frozen=True, slots=True, eq=False)
class Run:
    """A run of `callee` by a call in `caller`. `receiver` is the expression of its receiver, if it is a method.

    `defaults` is set if a parameter without an argument has its default. A library or a decorator may pass something else.
    """

    callee: FunctionNode
    given: PassedArguments
    caller: FunctionNode
    receiver: Expr | None = None
    defaults: bool = True


@record(frozen=True, slots=True, eq=False)
class Passed:
    """An expression in `scope` that is passed for a parameter. `absent` stands for it if it is an entry that a dict does not have."""

    expr: Expr
    scope: FunctionNode
    absent: Constant | None = None


def run_by(call: Call, callee: FunctionNode, given: PassedArguments, caller: FunctionNode, *, defaults: bool) -> Run:
    """Return the run of a function by a call, directly or as a callback among its arguments."""
    receiver = None if callee.owner is None or is_static(callee) else _receiver(call, callee, caller)
    return Run(callee, given, caller, receiver, defaults)


def passed_for(run: Run, parameter: Parameter, function: Callable[[str], FunctionNode]) -> Passed | None:
    """Return what a run passes for a parameter with its path, `None` where that is unknown. `function` finds functions by identifier."""
    outline, name = run.callee.outline, parameter.name
    steps = segments(parameter.path)
    declared = next((each for each in outline.parameters if each.name == name), None)
    if declared is None or declared.kind == "*":
        return None
    if name == run.callee.first and run.callee.owner is not None and not is_static(run.callee):
        return None if run.receiver is None else Passed(_with_steps(run.receiver, steps), run.caller)
    if declared.kind == "**":
        return _keyword(run, steps, function)
    found = argument_for(outline, run.given, name)
    if len(found) > 1:
        return None
    default = declared.default
    if found:
        scope, expr = found[0]
        is_entry = all(expr is not argument.value for _, argument in run.given.arguments)
        absent = default if is_entry and run.defaults and isinstance(default, Constant) else None
        return Passed(_with_steps(expr, steps), function(scope), absent)
    if default is None or not run.defaults:
        return None
    return Passed(_with_steps(default, steps), run.callee.parent or run.callee)


def _keyword(run: Run, steps: Sequence[str], function: Callable[[str], FunctionNode]) -> Passed | None:
    """Return what a run passes for an entry of `**name`."""
    key = steps[0][2:-2] if steps and steps[0].startswith("['") else ""
    named = {each.name for each in run.callee.outline.parameters if each.kind != "**"}
    if not key or key in named:
        return None
    spread = []
    for scope, argument in run.given.arguments:
        if argument.name == key:
            return Passed(_with_steps(argument.value, steps[1:]), function(scope))
        if argument.star == "**":
            spread.append(Passed(_with_steps(Subscript(argument.value, Constant(key)), steps[1:]), function(scope)))
    if spread:
        return spread[0] if len(spread) == 1 else None
    # Nothing is passed: an empty dict has no entry, so that what stands for a missing one counts.
    return Passed(Subscript(Mapping((), ()), Constant(key)), run.caller) if run.defaults and len(steps) == 1 else None


def _receiver(call: Call, callee: FunctionNode, caller: FunctionNode) -> Expr | None:
    """Return the expression of the object whose method a call runs or passes on as a callback."""
    name = callee.outline.name
    made = call.function
    if name in CONSTRUCTORS and not (isinstance(made, Attribute) and made.attr == name):
        return call
    receiver = receiver_of(call, name)
    return Name(caller.first or "") if receiver is not None and _is_super(receiver) else receiver


def receiver_of(call: Call, method: str) -> Expr | None:
    """Return the expression of the object whose method a call runs or passes on as a callback. A callable object is itself one."""
    for expr in (call.function, *(argument.value for argument in call.arguments)):
        if isinstance(expr, Attribute) and expr.attr == method:
            return expr.value
    return call.function if method == "__call__" else None


def _is_super(expr: Expr) -> bool:
    return isinstance(expr, Call) and expr.function == Name("super")


def _with_steps(expr: Expr, steps: Sequence[str]) -> Expr:
    """Return an expression that takes the steps of a parameter's path: `.name` and `['key']`."""
    for step in steps:
        if step.startswith("."):
            expr = Attribute(expr, step[1:])
        elif step.startswith("['"):
            expr = Subscript(expr, Constant(step[2:-2]))
        else:
            return Subscript(expr, Constant(None))
    return expr
