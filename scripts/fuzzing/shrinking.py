"""Makes a project that fails smaller, as long as it fails in the same way."""

from __future__ import annotations

import time
from collections.abc import Callable

from fuzzing.mutation import compiles
from fuzzing.trials import Programs

Fails = Callable[[Programs], bool]


def smallest(programs: Programs, fails: Fails, seconds: float) -> Programs:
    """Return as few files and lines of a project as still fail, after at most about so many seconds."""
    until = time.monotonic() + seconds
    kept = _fewer_files(dict(programs), fails, until)
    for name in sorted(kept):
        kept = _fewer_lines(kept, name, fails, until)
    return kept


def _fewer_files(programs: dict[str, bytes], fails: Fails, until: float) -> dict[str, bytes]:
    names = sorted(programs)
    size = len(names) // 2
    while size and time.monotonic() < until:
        for first in range(0, len(names), size):
            rest = names[:first] + names[first + size :]
            if rest and time.monotonic() < until and fails({name: programs[name] for name in rest}):
                names = rest
                break
        else:
            size //= 2
        size = min(size, len(names) // 2) if len(names) > 1 else 0
    return {name: programs[name] for name in names}


def _fewer_lines(programs: dict[str, bytes], name: str, fails: Fails, until: float) -> dict[str, bytes]:
    lines = programs[name].splitlines(keepends=True)
    could = compiles(programs[name])
    size = len(lines) // 2
    while size and time.monotonic() < until:
        first = 0
        while first < len(lines) and time.monotonic() < until:
            rest = lines[:first] + lines[first + size :]
            text = b"".join(rest)
            if compiles(text) == could and fails({**programs, name: text}):
                lines = rest
            else:
                first += size
        size //= 2
    return {**programs, name: b"".join(lines)}
