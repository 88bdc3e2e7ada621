"""Whether the runs of a repeated call are concurrent, and what makes them so."""

from __future__ import annotations

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.repetition_rows import Progress, Repetition
from surfacelint.facts.expressions import Attribute, Await, Call, Constant, Enter, Expr
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition, awaited_inside
from surfacelint.judgement.flow.enclosing_statements import context_managers
from surfacelint.judgement.flow.expression_text import source_text
from surfacelint.judgement.flow.hop_search import first_along
from surfacelint.linking.calls.request_summaries import Effect, Hop
from surfacelint.linking.evaluation.abstract_values import External
from surfacelint.linking.evaluation.constants import constant, definition
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class Overlap:
    """Whether the runs of a repeated call are concurrent. `via` is the call that runs them, `single` what limits them to one at a time."""

    concurrent: bool
    via: str = ""
    single: str = ""


class Concurrency:
    """Concurrency of the call sites of one program."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue, bodies: Bodies) -> None:
        self._resolver = resolver
        self._catalogue = catalogue
        self._bodies = bodies
        self._known_limits: dict[Effect, str] = {}

    def overlaps(self, row: Repetition | Progress, call: Call, hop: Hop) -> Overlap:
        """Return whether a repeating library call runs concurrently: not if its catalogue entry says no, or with a single worker."""
        via = source_text(call.function)
        if isinstance(row, Progress) or not row.concurrent:
            return Overlap(row.concurrent, via)
        workers = (row.serial_unless,) if row.serial_unless else row.workers
        given = self._workers(workers, call, hop.site.function)
        if given is None:
            return Overlap(not row.serial_unless, via)
        text, number = given
        return Overlap(number != 1, via, text if number == 1 else "")

    def _workers(self, keywords: tuple[str, ...], call: Call, scope: FunctionNode) -> tuple[str, object] | None:
        """Return the number of workers of a call, given to it or to its pool, with its source text; `None` if it is not given."""
        maker: Expr = call.function.value if isinstance(call.function, Attribute) else call.function
        defined = definition(self._resolver, maker, scope)
        made, where = (maker, scope) if defined is None else defined
        if isinstance(made, Enter):
            made = made.value
        for each, owner in ((call, scope), (made, where)):
            if not isinstance(each, Call):
                continue
            for position, argument in enumerate(each.arguments):
                named = argument.name in keywords if argument.name is not None else bool(keywords) and each is not call and position == 0
                if named and not argument.star:
                    value, number = source_text(argument.value), constant(self._resolver, argument.value, owner)
                    text = f"{argument.name}={value}" if argument.name else f"{source_text(each.function)}({value})"
                    return text if isinstance(argument.value, Constant) else f"{text}, which is {number}", number
        return None

    def of(self, frame: EnclosingRepetition, effect: Effect) -> Overlap:
        """Return whether the runs of the call in a loop or comprehension are concurrent, and what makes them so."""
        hop = effect.hop
        row = hop.row
        delayed = hop.site.call.function
        if isinstance(delayed, Call) and not hop.coroutine:
            return self._collected(frame, effect)
        if isinstance(row, Repetition) and row.items == "loop":
            return self._started(frame, effect, row)
        for wrapper in _wrappers(frame):
            for value in self._resolver.evaluate(wrapper.function, hop.site.function):
                around = self._catalogue.repetition(value.path) if isinstance(value, External) else None
                if around is not None and around.starts and around.concurrent:
                    return Overlap(not _takes_result(frame), source_text(wrapper.function))
                if around is not None and around.items == "arguments" and awaited_inside(frame) and _is_alone(wrapper):
                    return Overlap(False, source_text(wrapper.function), f"{source_text(wrapper.function)} of one")
                if isinstance(value, External) and (value.path == "asyncio.run" or value.path.endswith(".run_until_complete")):
                    return Overlap(False)
        return Overlap(hop.coroutine and not awaited_inside(frame), "asyncio.gather" if hop.coroutine else "")

    def _started(self, frame: EnclosingRepetition, effect: Effect, row: Repetition) -> Overlap:
        """Return whether runs are concurrent that are started one by one, by `submit` or a similar method."""
        call = effect.hop.site.call
        via = source_text(call.function)
        if _takes_result(frame) and not awaited_inside(frame):
            return Overlap(False, via, f"waits for each result of {via}")
        starts = row.concurrent or any(path.startswith("asyncio.") for path in row.paths)
        if not starts or awaited_inside(frame):
            return Overlap(False, via)
        return self.overlaps(row, call, effect.hop) if row.workers else Overlap(True, via)

    def limit_of_one(self, frame: EnclosingRepetition, effect: Effect) -> str:
        """Return what limits the concurrent runs to one at a time, such as `Semaphore(1)`; empty if nothing does."""
        return self._entered(effect, frame.depth) or first_along(effect.rest, self._entered, "", self._known_limits)

    def _entered(self, effect: Effect, depth: int = 0) -> str:
        """Return the limiter of one that is entered around an effect's first site, deeper than `depth`; empty without one."""
        around = self._bodies.around(effect.hop.site)
        values = context_managers(() if around is None else around.places[depth:])
        limit = next((value for value in values if self._lets_in_one(value, effect.hop.site.function)), None)
        return "" if limit is None else f"{source_text(limit)} lets in one"

    def _lets_in_one(self, value: Expr, scope: FunctionNode) -> bool:
        """Whether a context manager is a limiter, such as a lock or semaphore, that admits one run at a time."""
        defined = definition(self._resolver, value, scope)
        made, where = (value, scope) if defined is None else defined
        if not isinstance(made, Call):
            return False
        for known in self._resolver.callee(made, where):
            row = self._catalogue.limiter(known.path) if isinstance(known, External) else None
            if row is None:
                continue
            given = [each.value for each in made.arguments if each.name in row.keywords]
            positional = [each.value for each in made.arguments if each.name is None]
            if row.argument is not None and row.argument < len(positional):
                given.append(positional[row.argument])
            if (row.argument is None and not row.keywords) or (given and constant(self._resolver, given[0], where) == 1):
                return True
        return False

    def _collected(self, frame: EnclosingRepetition, effect: Effect) -> Overlap:
        """Return whether the call that gets a comprehension of delayed calls runs them concurrently: `Parallel(n_jobs=8)(…)`."""
        around = self._bodies.around(effect.hop.site)
        outer = around.expressions[: -len(frame.inner)] if around is not None else ()
        for consumer in [expr for expr in reversed(outer) if isinstance(expr, Call)][:1]:
            for value in self._resolver.callee(consumer, effect.hop.site.function):
                row = self._catalogue.repetition(value.path) if isinstance(value, External) else None
                if row is not None:
                    return self.overlaps(row, consumer, effect.hop)
        return Overlap(False)


def _is_alone(call: Call) -> bool:
    """Whether a call gets exactly one positional argument, and no unpacked ones."""
    return sum(argument.name is None for argument in call.arguments) == 1 and not any(argument.star for argument in call.arguments)


def _wrappers(frame: EnclosingRepetition) -> list[Call]:
    """Return the calls between the repetition and the repeated call that contain the latter as an argument, innermost first."""
    return [expr for expr in reversed(frame.inner[:-1]) if isinstance(expr, Call)]


def _takes_result(frame: EnclosingRepetition) -> bool:
    """Whether the code waits for the result of a started call at once: `submit(f, x).result()`, `await create_task(f(x))`."""
    inner = frame.inner
    started = any(isinstance(expr, Await) for expr in inner)
    return started or any(getattr(expr, "attr", "") in ("result", "get", "join") for expr in inner[:-1])
