"""The run over a list: tasks go to workers, reviews are kept as they arrive, what failed is tried again, and all is merged at the end."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from surfacelint.review.fleet.blank_review import blank_review
from surfacelint.review.fleet.cluster import Cluster, ClusterError
from surfacelint.review.fleet.kept_results import KeptResults
from surfacelint.review.fleet.repository_list import ListedRepository
from surfacelint.review.fleet.tasks import Answer, ReviewOptions, Task
from surfacelint.review.merging import merged
from surfacelint.review.prices import PriceList
from surfacelint.review.records import Problem, Review
from surfacelint.review.reviewing import generator
from surfacelint.system.records import record
from surfacelint.system.safe_reading import InputError

ATTEMPTS = 3
"""How often a repository is tried."""

LOOK_EVERY = 5.0
"""Seconds without an answer after which the cluster is looked at."""

PATIENCE = 60.0
"""Seconds that a cluster may have no workers."""


@record(frozen=True, slots=True)
class Progress:
    """News about one repository, for users: `kind` is `reviewed`, `unchanged`, `retry` or `failed`, `finished` counts repositories."""

    kind: str
    repository: ListedRepository
    finished: int
    text: str


class FleetReview:
    """One run over a list of repositories."""

    def __init__(
        self,
        listed: Sequence[ListedRepository],
        options: ReviewOptions,
        results: KeptResults,
        pause: float,
        told: Callable[[Progress], None],
    ) -> None:
        """Take what to review and whom to tell. `pause` is the number of seconds before the second attempt; it doubles before the third."""
        self._listed = listed
        self._options = options
        self._results = results
        self._pause = pause
        self._told = told
        self._reviews: dict[str, Review] = {}
        self._failures: dict[str, str] = {}
        self._attempts: dict[str, int] = {}
        self._arrived: SimpleQueue[tuple[ListedRepository, str | Exception]] = SimpleQueue()
        self._due: list[tuple[float, int]] = []

    def run(self, cluster: Cluster) -> None:
        """Review all repositories. Raises ClusterError if the workers are gone, and KeepingError if a review cannot be kept."""
        for repository in self._listed:
            self._submit(repository, cluster)
        missing_since = time.monotonic()
        while self.finished < len(self._listed):
            arrived = self._next()
            if arrived is None:
                missing_since = self._checked(cluster, missing_since)
            else:
                missing_since = time.monotonic()
                self._receive(*arrived)
            self._submit_due(cluster)

    @property
    def finished(self) -> int:
        """The number of repositories that are reviewed or have failed for good."""
        return len(self._reviews) + len(self._failures)

    def merged(self, prices: PriceList) -> Review:
        """Return the review of all repositories. Those that failed are listed as not checked. Raises InputError if currencies differ."""
        problems = [Problem("", None, text, name) for name, text in self._failures.items()]
        failed = [blank_review(list(self._failures), prices, problems)] if problems else []
        return merged([*self._reviews.values(), *failed])

    def _submit(self, repository: ListedRepository, cluster: Cluster) -> None:
        kept = self._results.find(repository)
        known = "" if kept is None else kept.commit
        task = Task(repository.address, repository.revision, repository.name, known, generator(), self._options)
        self._attempts[repository.name] = self._attempts.get(repository.name, 0) + 1
        cluster.submit(task.to_text(), lambda answer: self._arrived.put((repository, answer)))

    def _submit_due(self, cluster: Cluster) -> None:
        while self._due and self._due[0][0] <= time.monotonic():
            _, number = heapq.heappop(self._due)
            self._submit(self._listed[number], cluster)

    def _next(self) -> tuple[ListedRepository, str | Exception] | None:
        """Return the next answer, `None` if something else is to be done before one arrives."""
        wait = max(0.0, min(LOOK_EVERY, self._due[0][0] - time.monotonic())) if self._due else LOOK_EVERY
        try:
            return self._arrived.get(timeout=wait)
        except Empty:
            return None

    def _checked(self, cluster: Cluster, missing_since: float) -> float:
        """Return since when there are no workers. Raises ClusterError if that is too long."""
        problem = cluster.problem()
        if problem is None:
            return time.monotonic()
        if problem.lasting or time.monotonic() - missing_since > PATIENCE:
            raise problem
        return missing_since

    def _receive(self, repository: ListedRepository, given: str | Exception) -> None:
        if isinstance(given, ClusterError):
            raise given
        answer = Answer(failure=_reason(given)) if isinstance(given, Exception) else Answer.from_text(given)
        if answer.failure:
            self._fail(repository, answer.failure)
            return
        try:
            if answer.review:
                self._reviews[repository.name] = self._results.keep(repository, answer.commit, answer.review)
                self._tell("reviewed", repository, answer.commit)
                return
            kept = self._results.find(repository)
        except InputError as error:
            self._fail(repository, f"the worker sent what is {error}")
            return
        if kept is None or kept.commit != answer.commit:
            self._fail(repository, "the kept review has changed in the meantime")
            return
        self._reviews[repository.name] = kept.review
        self._tell("unchanged", repository, answer.commit)

    def _fail(self, repository: ListedRepository, failure: str) -> None:
        text, attempt = repository.redacted(failure), self._attempts[repository.name]
        if attempt < ATTEMPTS:
            pause = self._pause * 2 ** (attempt - 1)
            heapq.heappush(self._due, (time.monotonic() + pause, self._listed.index(repository)))
            self._tell("retry", repository, f"{text}; trying again in {pause:g} s")
        else:
            self._failures[repository.name] = text
            self._tell("failed", repository, f"{text}; tried {ATTEMPTS} times")

    def _tell(self, kind: str, repository: ListedRepository, text: str) -> None:
        self._told(Progress(kind, repository, self.finished, text))


def _reason(error: Exception) -> str:
    """Return why a worker gave no answer."""
    name = type(error).__name__
    if name == "KilledWorker":
        return "its workers died several times"
    if isinstance(error, ImportError):
        return f"the worker cannot run surfacelint: {error}; install the same version with the extra `fleet` on all workers"
    return f"the worker failed with {name}: {error}"
