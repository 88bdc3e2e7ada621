"""Catches errors while a function is judged, so that one failure does not stop the analysis of everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

Failed = Callable[[FunctionNode, Exception], None]
"""Records that judging a function failed with an error."""


@record(frozen=True, slots=True)
class Guard:
    """Reports errors through `failed` instead of ending the run. Very long or deeply nested code can exceed the recursion limit."""

    failed: Failed

    @contextmanager
    def judging(self, function: FunctionNode) -> Iterator[None]:
        """Run a `with` block that judges `function`. An exception ends the block and is passed to `failed`."""
        try:
            yield
        except Exception as error:
            self.failed(function, error)
