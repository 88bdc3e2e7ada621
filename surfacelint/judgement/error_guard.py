"""Errors while something is judged: noted at the file that it is in, so that everything else is judged all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

Failed = Callable[[FunctionNode, Exception], None]
"""Notes that judging a function failed."""


@record(frozen=True, slots=True)
class Guard:
    """Lets nothing that goes wrong in one function end the run: code can be longer or deeper than a walk over it may be."""

    failed: Failed

    @contextmanager
    def judging(self, function: FunctionNode) -> Iterator[None]:
        """Judge a function, or a site in it. An error ends this, and is noted."""
        try:
            yield
        except Exception as error:
            self.failed(function, error)
