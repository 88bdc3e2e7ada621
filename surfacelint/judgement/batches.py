"""What goes wrong around batches: each finder has a module of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from surfacelint.judgement.batch_ids import discarded
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.polling import polled
from surfacelint.program import Workload

_FINDERS: tuple[Callable[[Evidence], Iterator[Workload]], ...] = (discarded, polled)


def batches(evidence: Evidence) -> Iterator[Workload]:
    """Return the batches that are not waited for, read or kept as they have to be."""
    for finder in _FINDERS:
        yield from finder(evidence)
