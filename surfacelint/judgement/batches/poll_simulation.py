"""Simulates a polling loop while its batch job stays in one state, to determine whether the loop ends.

Where a value is unknown, the loop is assumed to end.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from surfacelint.facts.expressions import Attribute, Call, Choice, Composite, Constant, Expr, Name, Position, Walrus, Yield, dotted, walk
from surfacelint.facts.function_bodies import Assign, Augment, Evaluate, For, If, Leave, Raise, Return, Statement, Try, While, With
from surfacelint.judgement.batches.batch_jobs import BatchJobs
from surfacelint.judgement.batches.poll_values import Known, PollValues
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.access_paths import assigned_paths
from surfacelint.judgement.flow.enclosing_statements import Block, blocks_of, expressions_of, statements_in
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.evaluation.abstract_values import External
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

_EXIT_FUNCTIONS = frozenset({"builtins.exit", "builtins.quit", "sys.exit", "os._exit", "os.abort"})

_ROUNDS = 2
"""Simulated rounds. A round can test values that the previous round has set."""

_DEEPEST = 3
"""Nested calls below the loop that are searched for `raise`."""


class _LeavesError(Exception):
    """The simulated loop may end here."""


class _NextRoundError(Exception):
    """The simulated loop continues with its next round."""


@record(frozen=True, slots=True)
class PollLoop:
    """A loop of `function` that polls a batch job."""

    evidence: Evidence
    jobs: BatchJobs
    function: FunctionNode
    loop: While

    def may_end(self, state: str) -> bool:
        """Whether the loop may end while the job stays in `state`."""
        return _Simulation(self, PollValues(self.evidence, self.jobs, self.function, state, self._flags_before())).ends()

    def may_raise(self, call: Call) -> bool:
        """Whether a call may end the loop: it exits, or runs a first-party function that raises or exits."""
        site = self.evidence.site(self.function, call.span.end)
        callees = () if site is None else _first_party(site)
        return self._exits(call, self.function) or any(self._raises(callee, 0) for callee in callees)

    def _flags_before(self) -> dict[str, Known]:
        """Return the values, before the loop, of the access paths that it sets. Only flags are known: paths set to `True` or `False`."""
        changed = {key for statement in statements_in(self.loop.body) for key in _changed(statement)}
        body = self.evidence.sites.bodies.body(self.function)
        found: dict[str, Known] = dict.fromkeys(changed)
        flags = {} if body is None else _FLAGS.get((body.statements,), lambda: _flags(body.statements))
        for key in changed & flags.keys():
            number = bisect_left(flags[key], self.loop.span.start, key=lambda each: each[0])
            found |= {key: flags[key][number - 1][1]} if number else {}
        return found

    def _exits(self, call: Call, function: FunctionNode) -> bool:
        values = self.evidence.resolver.callee(call, function)
        return any(isinstance(value, External) and value.path in _EXIT_FUNCTIONS for value in values)

    def _raises(self, function: FunctionNode, depth: int) -> bool:
        body = self.evidence.sites.bodies.body(function)
        if body is None or depth > _DEEPEST:
            return True
        if any(isinstance(statement, Raise) for statement in _without_handlers(body.statements)):
            return True
        plain = (site.call for site in function.outline.calls if isinstance(site.call.function, Name | Attribute))
        if any(self._exits(call, function) for call in plain):
            return True
        callees = (callee for site, _ in self.evidence.effects.sites.get(function.id, ()) for callee in _first_party(site))
        return any(self._raises(callee, depth + 1) for callee in callees if callee is not function)


@record(frozen=True, slots=True)
class _Simulation:
    """One simulation of a loop. `values` change as its statements run."""

    poll: PollLoop
    values: PollValues

    def ends(self) -> bool:
        # The first evaluation of the loop's test may see the status before `state`.
        for _ in range(_ROUNDS):
            try:
                self._block(self.poll.loop.body)
            except _NextRoundError:
                pass
            except _LeavesError:
                return True
            if self.values.truth(self.poll.loop.test) is not True:
                return True
        return False

    def _block(self, block: Block) -> None:
        for statement in block:
            self._statement(statement)

    def _statement(self, statement: Statement) -> None:
        for _, expr in expressions_of(statement):
            self._evaluate(expr)
        match statement:
            case Return() | Raise() | Leave(kind="break"):
                raise _LeavesError
            case Leave():
                raise _NextRoundError
            case Assign(targets=targets, value=value):
                self._set(targets, self.values.value(value))
            case Augment(target=target):
                self._set((target,), None)
            case Evaluate(value=Composite() | Choice() as asserted):
                if self.values.truth(asserted) is not True:
                    raise _LeavesError
            case _:
                self._compound(statement)

    def _compound(self, statement: Statement) -> None:
        match statement:
            case If(test=test, body=body, orelse=orelse):
                self._branch(self.values.truth(test), body, orelse)
            case Try(body=body, orelse=orelse, final=final):
                self._block((*body, *orelse, *final))
            case With(body=body):
                self._block(body)
            case For() | While():
                self._inner_loop(statement)
            case _:
                pass

    def _set(self, targets: Iterable[Expr], known: Known) -> None:
        for target in targets:
            self.values.held.update({key: known if dotted(target) == key else None for key in assigned_paths(target)})

    def _forget(self, block: Block) -> None:
        """Mark everything that a block sets as unknown."""
        self.values.held.update(dict.fromkeys(key for statement in statements_in(block) for key in _changed(statement)))

    def _branch(self, truth: Known, body: Block, orelse: Block) -> None:
        if truth is None:
            ends = [_Simulation(self.poll, self.values.copy())._end_of(block) for block in (body, orelse)]
            if "leaves" in ends:
                raise _LeavesError
            if ends == ["next", "next"]:
                raise _NextRoundError
            self._forget((*body, *orelse))
        else:
            self._block(body if truth else orelse)

    def _end_of(self, block: Block) -> str:
        """Return how a block ends: it leaves the loop, starts the next round, or completes (empty)."""
        try:
            self._block(block)
        except _LeavesError:
            return "leaves"
        except _NextRoundError:
            return "next"
        return ""

    def _inner_loop(self, statement: For | While) -> None:
        block = (*statement.body, *statement.orelse)
        inside = list(statements_in(block))
        if any(isinstance(each, Return | Raise) for each in inside):
            raise _LeavesError
        for each in inside:
            for _, expr in expressions_of(each):
                self._evaluate(expr)
        self._forget(block)

    def _evaluate(self, expr: Expr) -> None:
        """Leave the loop if evaluating `expr` may end it."""
        for part in walk(expr):
            if isinstance(part, Yield) or (isinstance(part, Call) and self.poll.may_raise(part)):
                raise _LeavesError


def _changed(statement: Statement) -> set[str]:
    """Return the access paths that a statement sets."""
    found = {key for role, expr in expressions_of(statement) if role == "target" for key in assigned_paths(expr)}
    if isinstance(statement, With):
        found |= {key for _, target in statement.items if target is not None for key in assigned_paths(target)}
    walruses = [part for _, expr in expressions_of(statement) for part in walk(expr) if isinstance(part, Walrus)]
    return found | {key for part in walruses for key in assigned_paths(part.target)}


_FLAGS: IdentityMemo[dict[str, list[tuple[Position, bool]]]] = IdentityMemo()


def _flags(block: Block) -> dict[str, list[tuple[Position, bool]]]:
    """Return the access paths that a block sets to `True` or `False`, with the positions and values, in order."""
    found: dict[str, list[tuple[Position, bool]]] = {}
    for statement in statements_in(block):
        value = statement.value.value if isinstance(statement, Assign) and isinstance(statement.value, Constant) else None
        if isinstance(statement, Assign) and isinstance(value, bool):
            for key in {key for target in statement.targets for key in assigned_paths(target)}:
                found.setdefault(key, []).append((statement.span.start, value))
    return found


def _without_handlers(block: Block) -> Iterator[Statement]:
    """Return the statements of a block, at any depth, except those in `except` blocks."""
    for statement in block:
        yield statement
        for role, inner in blocks_of(statement):
            if role != "handler":
                yield from _without_handlers(inner)


def _first_party(site: Site) -> Iterator[FunctionNode]:
    """Return the functions of the project that a site may call."""
    for target in site.targets:
        if isinstance(target.callee, FunctionNode):
            yield target.callee
