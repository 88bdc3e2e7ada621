"""Workers that run reviews: those of a Dask scheduler, or threads of this process. The only module that imports Dask.

The work itself is done by processes that the workers start. So the workers of this process can be threads, and no port is open to other
users of the machine, who could run code on workers.
"""

from __future__ import annotations

import importlib
import logging
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from surfacelint.review.fleet.bounded_review import review_bounded
from surfacelint.system.bounded_process import end_all

_ADDRESS = re.compile(r"((tcp|tls|ws|wss|ucx)://)?([\w.-]+|\[[0-9a-fA-F:.]+\]):\d+")

_SILENT: dict[str, list[str]] = {
    # The pages that Dask serves about a cluster show nothing here, and other users could open them.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


class ClusterError(Exception):
    """There are no workers, or no more. The text is one sentence. A `lasting` one does not end by itself."""

    def __init__(self, problem: str, lasting: bool = True) -> None:
        """Take the sentence."""
        super().__init__(problem)
        self.lasting = lasting


class Cluster:
    """A connection to workers."""

    def __init__(self, client: Any, where: str) -> None:
        """Take a client of Dask, and the name of the cluster in messages."""
        self._client = client
        self._where = where
        self._running: set[Any] = set()

    def submit(self, task: str, answered: Callable[[str | Exception], None]) -> None:
        """Have a worker do a task of `review_bounded`. Calls `answered` in another thread, with the answer or why there is none."""
        future = self._client.submit(_run, task, pure=False)
        # Dask forgets tasks of which there is no future.
        self._running.add(future)
        future.add_done_callback(lambda done: answered(self._result(done)))

    def problem(self) -> ClusterError | None:
        """Return what is wrong: the scheduler is gone, or has no workers."""
        if self._client.status != "running":
            return ClusterError(f"{self._where}: the connection to the scheduler is lost")
        if not self._client.ncores():
            return ClusterError(f"{self._where}: the scheduler has no workers; start some with `dask worker {self._where}`", lasting=False)
        return None

    def _result(self, future: Any) -> str | Exception:
        self._running.discard(future)
        try:
            return str(future.result())
        except BaseException as error:
            if type(error).__name__ in ("CancelledError", "FutureCancelledError"):
                return ClusterError(f"{self._where}: the connection to the scheduler is lost")
            return error if isinstance(error, Exception) else RuntimeError(type(error).__name__)


@contextmanager
def cluster(address: str | None, workers: int) -> Iterator[Cluster]:
    """Connect to a scheduler, or without an address to some workers of this process. Raises ImportError without Dask, ClusterError."""
    if address is not None and not _ADDRESS.fullmatch(address):
        raise ClusterError(f"{address!r} is not the address of a scheduler such as tcp://host:8786")
    import dask

    distributed: Any = importlib.import_module("distributed")  # it has types for some of what is used here
    warnings.filterwarnings("ignore", module=r"distributed(\.|$)")
    logging.disable()  # until the end of the process: Dask logs what a user is told in other words, with tracebacks
    with dask.config.set(_SILENT):
        if address is None:
            with _threads(distributed, workers) as local, distributed.Client(local) as client:
                try:
                    yield Cluster(client, "the workers of this process")
                finally:
                    end_all()
            return
        try:
            client = distributed.Client(address)
        except (OSError, ValueError) as error:
            raise ClusterError(f"{address}: no scheduler answers: {error}") from None
    with client:
        yield Cluster(client, address)


def _threads(distributed: Any, workers: int) -> Any:
    """Return a cluster of workers with one thread each in this process."""
    return distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=False,
        memory_limit=0,
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
    )


def _run(task: str) -> str:
    """Run on a worker: do the task in the folder that Dask clears if the worker dies."""
    from distributed import get_worker

    return review_bounded(task, get_worker().local_directory)
