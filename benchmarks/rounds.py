"""Commands timed in turn, A B C A B C, so that a machine that gets slower does so for all of them."""

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
    """What is run, where, with what in the environment, and what is done before, which is not timed."""

    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds by the clock, and the most memory of any of its processes in MiB, 0 where the system does not say."""

    seconds: float
    memory: float


def run(command: Command) -> Run:
    """Run a command once; what it prints and how it ends do not matter."""
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
    memory = 0.0
    if hasattr(os, "wait4"):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        memory = usage.ru_maxrss / 1024
    else:
        process.wait()
    return Run(time.perf_counter() - started, memory)


def rounds(commands: Mapping[str, Command], times: int) -> dict[str, list[Run]]:
    """Run all commands once unmeasured and then so many times, in turn."""
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(times + 1):
        for name, command in commands.items():
            done = run(command)
            if number:
                found[name].append(done)
    return found


def ratio(ours: Sequence[Run], theirs: Sequence[Run]) -> str:
    """Return median, minimum and maximum of the ratios pair by pair."""
    ratios = [one.seconds / other.seconds for one, other in zip(ours, theirs, strict=True)]
    return f"{statistics.median(ratios):.3g} ({min(ratios):.3g} to {max(ratios):.3g})"


def seconds(runs: Sequence[Run]) -> str:
    """Return the median of the seconds."""
    return f"{statistics.median(each.seconds for each in runs):.2f} s"


def memory(runs: Sequence[Run]) -> str:
    """Return the most memory of any run."""
    return f"{max(each.memory for each in runs):.0f} MiB"
