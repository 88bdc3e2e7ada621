"""What rules see: workloads with their three answers. Frozen and complete; no rule looks at source or syntax."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Literal, TypeAlias

from surfacelint.catalogue.provider_rows import Endpoint, Provider
from surfacelint.facts.comment_directives import Declaration
from surfacelint.model.findings import Location, TraceStep
from surfacelint.system.records import record

Kind: TypeAlias = Literal[
    "repeated",
    "pseudo-batch",
    "submitted",
    "blocking",
    "scheduled",
    "started",
    "tier",
    "follow-up",
    "discarded",
    "endless-poll",
    "unchecked",
    "positional",
    "batch-of-one",
]


@record(frozen=True, slots=True)
class Waiting:
    """Is a user waiting? `answer` is `yes`, `no` or `unknown`; `entry` describes the entry point that says so."""

    answer: str
    entry: str = ""


@record(frozen=True, slots=True)
class Independence:
    """Can the items run independently? `carrier` is the name that carries data from one iteration to the next."""

    independent: bool = True
    carrier: str = ""


@record(frozen=True, slots=True)
class Volume:
    """Is the volume worth it? `bound` is the largest number of items where it is known, `exact` says that it is always that many."""

    bound: int | None = None
    exact: bool = False


@record(frozen=True, slots=True)
class ProgressDisplay:
    """What shows the progress of a repetition: `name` as the user spells it, `audience` as in the catalogue."""

    name: str
    audience: str
    location: Location


@record(frozen=True, slots=True)
class RepeatedBy:
    """What repeats the call site.

    `kind` is `loop`, `comprehension`, `map` (serial mapping functions), `fan-out` or `rows`. `items` is the source text
    of what it runs over, `target` that of one item, both shortened; `via` is the callable that repeats (`executor.map`,
    `asyncio.gather`, `df.apply`), empty for syntax. `single` is what lets in only one run at a time (`max_workers=1`), `often`
    says how often a loop runs (`once per row of df`).
    """

    kind: str
    items: str
    target: str
    via: str
    concurrent: bool
    location: Location
    single: str = ""
    often: str = ""


@record(frozen=True, slots=True)
class Workload:
    """A call site, the request that it leads to, and what is to be said of them: the unit that rules judge.

    `kind` is what makes it a workload: `repeated` (a realtime request that something repeats), `pseudo-batch` (a call that
    is named batch and sends realtime requests), `submitted` (a batch that is submitted where a user waits), `blocking` (a
    sync request in a coroutine), `scheduled` (a request of each run of a job), `started` (a request that a handler starts
    and does not wait for), `tier` (a request at a price tier of its own), `follow-up` (a request that a handler waits for and
    does not use). `about` says what of, where there is more to say: the coroutine, the job, what is started, the tier
    (`cheap` if it is a slow one).

    Of batches: `discarded` (one whose id is lost; `about` is the name that holds it), `endless-poll` (a loop that waits for
    one and never ends if it fails; `about` are the states), `unchecked` (an answer is taken of a result, and nothing looks whether
    there is one), `positional` (results are joined by position to `about`), `batch-of-one` (one that holds a single request and is
    submitted for each item).

    `site` is where a finding stands, `call` the site's callee as the user spells it, and `worker` what it is handed to run, where
    it is (`executor.submit` and `label`); `request` is the callee of the request itself, `function` the qualname that holds
    the site. `silence` is empty, or the reason why a good reviewer would say nothing; rules skip workloads that have one.
    `awaited` says that the site awaits each call before the next. `progress` is a display around the repetition, `report` what
    tells others of it from inside.

    `declared` are the facts that its author gives. For batches in handlers, `accepted` says that the handler answers 202,
    and `polled` that it looks at the batch's state in a loop; `about` is the medium by which its user waits.
    """

    kind: Kind
    site: Location
    call: str
    request: str
    function: str
    endpoint: Endpoint
    provider: Provider
    waiting: Waiting
    trace: tuple[TraceStep, ...]
    repetition: RepeatedBy | None = None
    progress: ProgressDisplay | None = None
    report: ProgressDisplay | None = None
    independence: Independence = field(default_factory=Independence)
    volume: Volume = field(default_factory=Volume)
    awaited: bool = False
    about: str = ""
    cheap: bool = False
    silence: str = ""
    declared: Declaration = field(default_factory=Declaration)
    accepted: bool = False
    polled: bool = False
    worker: str = ""

    @property
    def spelled(self) -> str:
        """The callee with what it is handed to run: `executor.submit(label)`."""
        return f"{self.call}({self.worker})" if self.worker else self.call

    @property
    def hops(self) -> int:
        """Function boundaries between the site and the request."""
        return max(0, len(self.trace) - 2)


@record(frozen=True, slots=True)
class Program:
    """Everything rules may ask: the workloads, sorted by place."""

    workloads: tuple[Workload, ...]

    def repeated(self) -> Iterator[tuple[Workload, RepeatedBy]]:
        """Return the realtime workloads that are worth a finding, each with what repeats it."""
        for workload in self.of_kind("repeated"):
            assert workload.repetition is not None
            yield workload, workload.repetition

    def of_kind(self, kind: Kind) -> Iterator[Workload]:
        """Return the workloads of a kind that are worth a finding."""
        for workload in self.workloads:
            if workload.kind == kind and not workload.silence:
                yield workload
