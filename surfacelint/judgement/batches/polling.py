"""Loops that wait for a batch job and never leave if it does not go well.

The loop is run in thought, with the job in each of its terminal states in turn. What cannot be told may leave.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from surfacelint.catalogue.provider_rows import BatchApi
from surfacelint.facts.expressions import (
    Attribute,
    Await,
    Call,
    Choice,
    Collection,
    Composite,
    Constant,
    Expr,
    Name,
    Position,
    Walrus,
    Yield,
    dotted,
    walk,
)
from surfacelint.facts.function_bodies import (
    Assign,
    Augment,
    Evaluate,
    For,
    If,
    Leave,
    Raise,
    Return,
    Statement,
    Try,
    While,
    With,
)
from surfacelint.judgement.batches.batch_jobs import Jobs, batch_effects
from surfacelint.judgement.evidence import Evidence, requested
from surfacelint.judgement.flow.access_paths import target_keys
from surfacelint.judgement.flow.enclosing_statements import Block, blocks_of, expressions_of, statements_in
from surfacelint.judgement.flow.identity_memo import ByIdentity
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.abstract_values import External
from surfacelint.linking.evaluation.constants import constant, definition
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.model.workloads import Workload
from surfacelint.system.records import record

Known: TypeAlias = str | bool | None
"""A value in a run in thought; `None` where it cannot be told."""

_EXITS = frozenset({"builtins.exit", "builtins.quit", "sys.exit", "os._exit", "os.abort"})

_CASES = frozenset({"lower", "upper", "strip", "casefold"})

_ROUNDS = 2
"""What a round sets, the next one may look at."""

_MOST_NAMES = 20
"""Names and calls around a collection of states that are looked through."""

_DEEPEST = 3
"""Functions below the loop that may raise."""


def polled(evidence: Evidence) -> Iterator[Workload]:
    """Return the loops that never end if a batch fails, each at the call in the loop that asks for the state."""
    seen: set[tuple[str, object]] = set()
    for effect in batch_effects(evidence, "batch-poll"):
        request = requested(effect)
        api = evidence.catalogue.provider(request.provider).batch
        site = effect.hop.site
        with evidence.guard.judging(site.function):
            loop = _loop_around(evidence, effect)
            if loop is None or api is None or not api.status or not api.success or (site.function.id, loop.span) in seen:
                continue
            seen.add((site.function.id, loop.span))
            run = _Run(evidence, Jobs(api, evidence.resolver, evidence.catalogue), site.function, loop)
            stuck = run.stuck(api)
            if stuck:
                yield evidence.workload("endless-poll", effect, about=_alternatives(stuck))


def _loop_around(evidence: Evidence, effect: Effect) -> While | None:
    """Return the `while` that repeats a site, if no other loop stands between."""
    around = evidence.sites.bodies.around(effect.hop.site)
    for place in reversed(around.places if around is not None else ()):
        if isinstance(place.statement, For) and place.role == "body":
            return None
        if isinstance(place.statement, While) and place.role in ("body", "test"):
            return place.statement
    return None


def _alternatives(states: list[str]) -> str:
    return states[0] if len(states) == 1 else f"{', '.join(states[:-1])} or {states[-1]}"


class _LeavesError(Exception):
    """The run in thought may leave the loop here."""


class _NextRoundError(Exception):
    """The run in thought goes on with the next round."""


@record(frozen=True, slots=True)
class _Run:
    """Runs of one loop."""

    evidence: Evidence
    jobs: Jobs
    function: FunctionNode
    loop: While

    def stuck(self, api: BatchApi) -> list[str]:
        """Return the terminal states that the loop never leaves; none where it knows all but those that somebody has to ask for.

        Who names one of several good states means another API of the provider's: then nothing is said of the bad ones of the rest.
        """
        good = [self.leaves(state) for state in api.success]
        bad = [state for state in api.done if state not in api.success]
        stuck = [state for state in bad if any(good) and not self.leaves(state)]
        known = set(stuck) <= set(api.cancelled) or (stuck != bad and not all(good))
        return [] if known else stuck

    def leaves(self, state: str) -> bool:
        """Whether the loop may be left while the job is in `state`."""
        return _Thought(self, state, self._before()).leaves()

    def _before(self) -> dict[str, Known]:
        """Return what keys that the loop sets hold when it begins: flags that are set once before it."""
        changed = {key for statement in statements_in(self.loop.body) for key in _changed(statement)}
        body = self.evidence.sites.bodies.body(self.function)
        found: dict[str, Known] = dict.fromkeys(changed)
        flags = {} if body is None else _FLAGS.get((body.statements,), lambda: _flags(body.statements))
        for key in changed & flags.keys():
            number = bisect_left(flags[key], self.loop.span.start, key=lambda each: each[0])
            found |= {key: flags[key][number - 1][1]} if number else {}
        return found

    def may_raise(self, call: Call) -> bool:
        """Whether a call may end the loop: it exits, or runs a function of ours that raises or exits."""
        return self._exits(call, self.function) or any(self._raises(callee, 0) for callee in self._run_by(call))

    def _exits(self, call: Call, function: FunctionNode) -> bool:
        values = self.evidence.resolver.callee(call, function)
        return any(isinstance(value, External) and value.path in _EXITS for value in values)

    def _run_by(self, call: Call) -> Iterator[FunctionNode]:
        site = self.evidence.site(self.function, call.span.end)
        return iter(()) if site is None else _first_party(site)

    def _callees(self, function: FunctionNode) -> Iterator[FunctionNode]:
        for site, _ in self.evidence.effects.sites.get(function.id, ()):
            yield from _first_party(site)

    def _raises(self, function: FunctionNode, depth: int) -> bool:
        body = self.evidence.sites.bodies.body(function)
        if body is None or depth > _DEEPEST:
            return True
        if any(isinstance(statement, Raise) for statement in _expected(body.statements)):
            return True
        plain = (site.call for site in function.outline.calls if isinstance(site.call.function, Name | Attribute))
        if any(self._exits(call, function) for call in plain):
            return True
        return any(self._raises(callee, depth + 1) for callee in self._callees(function) if callee is not function)


@record(frozen=True, slots=True)
class _Thought:
    """One run of the loop, with the job in one state."""

    run: _Run
    state: str
    holds: dict[str, Known]

    def leaves(self) -> bool:
        # The first look at the test may be at an older state.
        for _ in range(_ROUNDS):
            try:
                self._block(self.run.loop.body)
            except _NextRoundError:
                pass
            except _LeavesError:
                return True
            if self._truth(self.run.loop.test) is not True:
                return True
        return False

    def _block(self, block: Block) -> None:
        for statement in block:
            self._statement(statement)

    def _statement(self, statement: Statement) -> None:
        for _, expr in expressions_of(statement):
            self._evaluated(expr)
        match statement:
            case Return() | Raise() | Leave(kind="break"):
                raise _LeavesError
            case Leave():
                raise _NextRoundError
            case Assign(targets=targets, value=value):
                self._set(targets, self._value(value))
            case Augment(target=target):
                self._set((target,), None)
            case Evaluate(value=Composite() | Choice() as asserted):
                if self._truth(asserted) is not True:
                    raise _LeavesError
            case _:
                self._compound(statement)

    def _compound(self, statement: Statement) -> None:
        match statement:
            case If(test=test, body=body, orelse=orelse):
                self._branch(self._truth(test), body, orelse)
            case Try(body=body, orelse=orelse, final=final):
                self._block((*body, *orelse, *final))
            case With(body=body):
                self._block(body)
            case For() | While():
                self._inner(statement)
            case _:
                pass

    def _set(self, targets: Iterable[Expr], known: Known) -> None:
        for target in targets:
            self.holds.update({key: known if dotted(target) == key else None for key in target_keys(target)})

    def _forget(self, block: Block) -> None:
        self.holds.update(dict.fromkeys(key for statement in statements_in(block) for key in _changed(statement)))

    def _branch(self, truth: Known, body: Block, orelse: Block) -> None:
        if truth is None:
            ways = [self._copy()._ends(block) for block in (body, orelse)]
            if "leaves" in ways:
                raise _LeavesError
            if ways == ["next", "next"]:
                raise _NextRoundError
            self._forget((*body, *orelse))
        else:
            self._block(body if truth else orelse)

    def _copy(self) -> _Thought:
        return _Thought(self.run, self.state, dict(self.holds))

    def _ends(self, block: Block) -> str:
        try:
            self._block(block)
        except _LeavesError:
            return "leaves"
        except _NextRoundError:
            return "next"
        return ""

    def _inner(self, statement: For | While) -> None:
        block = (*statement.body, *statement.orelse)
        inside = list(statements_in(block))
        if any(isinstance(each, Return | Raise) for each in inside):
            raise _LeavesError
        for each in inside:
            for _, expr in expressions_of(each):
                self._evaluated(expr)
        self._forget(block)

    def _evaluated(self, expr: Expr) -> None:
        """Leave where evaluating `expr` may end the loop."""
        for part in walk(expr):
            if isinstance(part, Yield) or (isinstance(part, Call) and self.run.may_raise(part)):
                raise _LeavesError

    # Values.

    def _truth(self, expr: Expr) -> bool | None:
        value = self._value(expr)
        return value if isinstance(value, bool) else None

    def _value(self, expr: Expr) -> Known:
        key = dotted(expr)
        if key is not None and key in self.holds and self.holds[key] is not None:
            return self.holds[key]
        if self._is_state(expr):
            return self.state
        match expr:
            case Constant(value=str() | bool() as value):
                return value
            case Constant(value=int() as number):
                return bool(number)
            case Attribute(attr=attr) if attr in self.run.jobs.api.done:
                return attr
            case Attribute(value=inner, attr="value" | "name") | Await(value=inner) | Walrus(value=inner):
                return self._value(inner)
            case Call(function=Name(id="str"), arguments=(argument,)):
                return self._value(argument.value)
            case Call(function=Attribute(value=inner, attr=attr), arguments=()) if attr in _CASES:
                text = self._value(inner)
                return getattr(text, attr)() if isinstance(text, str) else None
            case Composite():
                return self._composed(expr)
            case Choice(options=options, operator=("and" | "or") as operator):
                return _joined([self._truth(option) for option in options], operator == "or")
            case _:
                return self._defined(expr, key)

    def _is_state(self, expr: Expr) -> bool:
        """A name is the state if all that it is bound to is, but what a round sets is what the round makes of it."""
        if isinstance(expr, Constant | Composite | Choice | Collection):
            return False
        return self.run.jobs.is_state(expr, self.run.function)

    def _defined(self, expr: Expr, key: str | None) -> Known:
        if key is None or key in self.holds:
            return None
        known = constant(self.run.evidence.resolver, expr, self.run.function)
        return known if isinstance(known, str | bool) else None

    def _composed(self, expr: Composite) -> Known:
        match expr:
            case Composite(operator="not", parts=(inner,)):
                truth = self._truth(inner)
                return None if truth is None else not truth
            case Composite(operator=("==" | "!=" | "is" | "is not") as operator, parts=(left, right)):
                one, other = self._value(left), self._value(right)
                return None if one is None or other is None else (one == other) == (operator in ("==", "is"))
            case Composite(operator=("in" | "not in") as operator, parts=(left, right)):
                one, others = self._value(left), self._members(right)
                if one is None or others is None:
                    return None
                return (one in others) == (operator == "in") if one in others or None not in others else None
            case _:
                return None

    def _members(self, expr: Expr) -> list[Known] | None:
        """Return what is known of the members of a collection, also of one behind a few names."""
        for _ in range(_MOST_NAMES):
            if isinstance(expr, Collection):
                return self._listed(expr)
            if isinstance(expr, Call) and isinstance(expr.function, Name) and len(expr.arguments) == 1:
                expr = expr.arguments[0].value
                continue
            defined = definition(self.run.evidence.resolver, expr, self.run.function)
            if defined is None:
                return None
            expr = defined[0]
        return None

    def _listed(self, expr: Collection) -> list[Known]:
        # What stands beside the name of a terminal state is the name of another state.
        named = [item for item in expr.items if isinstance(item, Attribute)]
        owners = [item.value for item in named if item.attr in self.run.jobs.api.done]
        return [item.attr if isinstance(item, Attribute) and item.value in owners else self._value(item) for item in expr.items]


def _joined(truths: list[bool | None], either: bool) -> bool | None:
    """Return `or` of what is known of its options if `either`, else `and`."""
    if either in truths:
        return either
    return None if None in truths else not either


def _changed(statement: Statement) -> set[str]:
    found = {key for role, expr in expressions_of(statement) if role == "target" for key in target_keys(expr)}
    if isinstance(statement, With):
        found |= {key for _, target in statement.items if target is not None for key in target_keys(target)}
    walruses = [part for _, expr in expressions_of(statement) for part in walk(expr) if isinstance(part, Walrus)]
    return found | {key for part in walruses for key in target_keys(part.target)}


_FLAGS: ByIdentity[dict[str, list[tuple[Position, bool]]]] = ByIdentity()


def _flags(block: Block) -> dict[str, list[tuple[Position, bool]]]:
    """Return where the keys of a block are set to a flag, in order."""
    found: dict[str, list[tuple[Position, bool]]] = {}
    for statement in statements_in(block):
        value = statement.value.value if isinstance(statement, Assign) and isinstance(statement.value, Constant) else None
        if isinstance(statement, Assign) and isinstance(value, bool):
            for key in {key for target in statement.targets for key in target_keys(target)}:
                found.setdefault(key, []).append((statement.span.start, value))
    return found


def _expected(block: Block) -> Iterator[Statement]:
    """Return the statements of a block that run where nothing goes wrong: no `except`."""
    for statement in block:
        yield statement
        for role, inner in blocks_of(statement):
            if role != "handler":
                yield from _expected(inner)


def _first_party(site: Site) -> Iterator[FunctionNode]:
    for target in site.targets:
        if isinstance(target.callee, FunctionNode):
            yield target.callee
