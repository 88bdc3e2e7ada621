"""Work in forked processes: every piece is answered once, whatever becomes of the workers."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from surfacelint.system import worker_processes
from surfacelint.system.worker_processes import map_in_parallel

pytestmark = pytest.mark.skipif(not worker_processes.can_fork(), reason="this system does not fork")


def children() -> set[int]:
    """Return the identifiers of this process's children, ended ones that nobody waited for included."""
    own = os.getpid()
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,comm="], capture_output=True, text=True, check=True)
    rows = (line.split(None, 2) for line in listed.stdout.splitlines())
    return {int(pid) for pid, parent, name in rows if int(parent) == own and name.strip() != "ps"}


def doubled(piece: int) -> bytes:
    return str(2 * piece).encode() * piece


@pytest.mark.parametrize("jobs", [1, 2, 5])
@pytest.mark.parametrize("number", [0, 1, 200])
def test_each_piece_is_answered(jobs: int, number: int) -> None:
    found = dict(map_in_parallel(range(number), doubled, jobs))
    assert found == {piece: doubled(piece) for piece in range(number)}


def test_answers_longer_than_a_pipe_holds() -> None:
    found = dict(map_in_parallel(range(60), lambda piece: bytes(300_000 + piece), 2))
    assert [len(found[piece] or b"") for piece in range(60)] == [300_000 + piece for piece in range(60)]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, None])
def test_a_worker_that_dies_costs_its_piece(how: signal.Signals | None) -> None:
    parent = os.getpid()

    def fatal(piece: int) -> bytes:
        if piece in (7, 50, 51, 99):
            assert os.getpid() != parent
            if how is None:
                raise ValueError
            os.kill(os.getpid(), how)
        return doubled(piece)

    found = dict(map_in_parallel(range(100), fatal, 2))
    assert {piece for piece, answer in found.items() if answer is None} == {7, 50, 51, 99}
    assert len(found) == 100


def test_nobody_is_left_behind() -> None:
    before = children()
    answers = map_in_parallel(range(100), doubled, 2)
    next(answers)
    assert children() > before
    answers.close()  # type: ignore[attr-defined]
    assert children() == before
