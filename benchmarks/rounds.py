"""Times commands alternately (A B C A B C), so that a machine that slows down affects all of them."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Command:
    """A command with its working directory and additional environment variables. `before` runs first and is not timed."""

    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None


@dataclass(frozen=True, slots=True)
class Run:
    """The result of one run: elapsed seconds, the peak memory of any of its processes in MiB, and the CPU seconds of all of them.

    Memory and CPU are 0 if they are unknown.
    """

    seconds: float
    memory: float
    cpu: float = 0.0


def run(command: Command) -> Run:
    """Run a command once. Its output and exit status are ignored."""
    command.before()
    started = time.perf_counter()
    process = subprocess.Popen(
        command.arguments,
        cwd=command.folder,
        env={**os.environ, **command.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    memory = cpu = 0.0
    if hasattr(os, "wait4"):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        memory, cpu = usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime
    else:
        process.wait()
    return Run(time.perf_counter() - started, memory, cpu)


def rounds(commands: Mapping[str, Command], times: int) -> dict[str, list[Run]]:
    """Run all commands alternately, once without measuring and then `times` times."""
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(times + 1):
        for name, command in commands.items():
            done = run(command)
            if number:
                found[name].append(done)
    return found


def elapsed(run: Run) -> float:
    """Return the elapsed seconds of a run."""
    return run.seconds


def cpu(run: Run) -> float:
    """Return the CPU seconds of all processes of a run."""
    return run.cpu


def ratio(ours: Sequence[Run], theirs: Sequence[Run], of: Callable[[Run], float] = elapsed) -> str:
    """Return median, minimum and maximum of the pairwise ratios of seconds."""
    ratios = [of(one) / of(other) for one, other in zip(ours, theirs, strict=True)]
    return f"{statistics.median(ratios):.3g} ({min(ratios):.3g} to {max(ratios):.3g})"


def seconds(runs: Sequence[Run], of: Callable[[Run], float] = elapsed) -> str:
    """Return the median of the seconds."""
    return f"{statistics.median(map(of, runs)):.2f} s"


def memory(runs: Sequence[Run]) -> str:
    """Return the peak memory of all runs."""
    return f"{max(each.memory for each in runs):.0f} MiB"
