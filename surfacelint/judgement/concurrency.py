"""Whether the runs of a repeated call overlap, and what makes them."""

from __future__ import annotations

from surfacelint.catalogue.catalogue import Catalogue
from surfacelint.catalogue.schema import Progress, Repetition
from surfacelint.facts.expressions import Attribute, Await, Call, Constant, Enter, Expr
from surfacelint.judgement.bodies import Bodies
from surfacelint.judgement.frames import Frame, awaited_inside
from surfacelint.judgement.spelling import spell
from surfacelint.linking.constants import definition
from surfacelint.linking.effects import Effect, Hop
from surfacelint.linking.modules import FunctionNode
from surfacelint.linking.resolution import Resolver
from surfacelint.linking.values import External


class Concurrency:
    """Answers for call sites of one program."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue, bodies: Bodies) -> None:
        self._resolver = resolver
        self._catalogue = catalogue
        self._bodies = bodies

    def overlaps(self, row: Repetition | Progress, call: Call, hop: Hop) -> bool:
        """Return whether the runs of a repeating library call overlap: not if its row says no, or if there is only one worker."""
        if isinstance(row, Progress) or not row.concurrent:
            return row.concurrent
        if row.serial_unless:
            given = self._worker_count((row.serial_unless,), call, hop.site.function)
            return given is not None and given != Constant(1)
        return self._worker_count(row.workers, call, hop.site.function) != Constant(1)

    def _worker_count(self, keywords: tuple[str, ...], call: Call, scope: FunctionNode) -> Expr | None:
        """Return how many workers a call asks for, itself or where its pool is made."""
        maker: Expr = call.function.value if isinstance(call.function, Attribute) else call.function
        defined = definition(self._resolver, maker, scope)
        made = maker if defined is None else defined[0]
        if isinstance(made, Enter):
            made = made.value
        calls = [call, *([made] if isinstance(made, Call) else [])]
        given = [argument.value for each in calls for argument in each.arguments if argument.name is not None and argument.name in keywords]
        return given[0] if given else None

    def of(self, frame: Frame, effect: Effect) -> tuple[bool, str]:
        """Return whether the runs of a loop's call overlap, and what makes them."""
        hop = effect.hop
        row = hop.row
        delayed = hop.site.call.function
        if isinstance(delayed, Call) and not hop.coroutine:
            return self._collected(frame, effect)
        if isinstance(row, Repetition) and row.items == "loop":
            waits = awaited_inside(frame) or _takes_result(frame)
            starts = row.concurrent or (not awaited_inside(frame) and any(path.startswith("asyncio.") for path in row.paths))
            return starts and not waits, spell(hop.site.call.function)
        for wrapper in _wrappers(frame):
            for value in self._resolver.evaluate(wrapper.function, hop.site.function):
                around = self._catalogue.repetition(value.path) if isinstance(value, External) else None
                if around is not None and around.starts and around.concurrent:
                    return not _takes_result(frame), spell(wrapper.function)
                if isinstance(value, External) and value.path in ("asyncio.run",):
                    return False, ""
                if isinstance(value, External) and value.path.endswith(".run_until_complete"):
                    return False, ""
        return hop.coroutine and not awaited_inside(frame), "asyncio.gather" if hop.coroutine else ""

    def _collected(self, frame: Frame, effect: Effect) -> tuple[bool, str]:
        """Return whether what a comprehension of delayed calls is given to runs them at the same time: `Parallel(n_jobs=8)(…)`."""
        around = self._bodies.around(effect.hop.site)
        outer = around.expressions[: -len(frame.inner)] if around is not None else ()
        for consumer in [expr for expr in reversed(outer) if isinstance(expr, Call)][:1]:
            for value in self._resolver.callee(consumer, effect.hop.site.function):
                row = self._catalogue.repetition(value.path) if isinstance(value, External) else None
                if row is not None:
                    return self.overlaps(row, consumer, effect.hop), spell(consumer.function)
        return False, ""


def _wrappers(frame: Frame) -> list[Call]:
    """Return the calls among whose arguments the call stands, inside of the frame, innermost first."""
    return [expr for expr in reversed(frame.inner[:-1]) if isinstance(expr, Call)]


def _takes_result(frame: Frame) -> bool:
    """Whether the result of what was started is waited for at once: `submit(f, x).result()`, `await create_task(f(x))`."""
    inner = frame.inner
    started = any(isinstance(expr, Await) for expr in inner)
    return started or any(getattr(expr, "attr", "") in ("result", "get", "join") for expr in inner[:-1])
