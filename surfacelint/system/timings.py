"""Measures the stages of a run, in seconds and counts, for `--timings`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Timings:
    """Seconds by stage, in the order in which the stages began, and counts by name."""

    seconds: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time of the block to a stage. The time of a nested stage counts for both."""
        self.seconds.setdefault(name, 0.0)
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - started

    def count(self, name: str, number: int = 1) -> None:
        """Add to a count."""
        self.counts[name] = self.counts.get(name, 0) + number

    def add(self, other: Timings) -> None:
        """Add the timings of another process. Seconds are totals of all processes."""
        for name, seconds in other.seconds.items():
            self.seconds[name] = self.seconds.get(name, 0.0) + seconds
        for name, number in other.counts.items():
            self.count(name, number)

    def lines(self) -> list[str]:
        """Return one line for each stage and each count."""
        width = max(map(len, (*self.seconds, *self.counts)), default=0)
        took = [f"{name:{width}} {seconds:9.3f} s" for name, seconds in self.seconds.items()]
        return took + [f"{name:{width}} {number:9d}" for name, number in self.counts.items()]
