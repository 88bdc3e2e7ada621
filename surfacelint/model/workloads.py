"""Workloads and their three answers (waiting, independence, volume): everything that rules see."""

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
    "single",
    "discarded",
    "endless-poll",
    "unchecked",
    "positional",
    "batch-of-one",
]


FOR_BATCHES: frozenset[Kind] = frozenset({"repeated", "pseudo-batch", "scheduled", "started", "follow-up"})
"""Kinds of workloads whose remedy is a batch. A declared low volume or short deadline silences them."""


@record(frozen=True, slots=True)
class Waiting:
    """Is a user waiting? `answer` is `yes`, `no` or `unknown`; `entry` describes the entry point that decides it."""

    answer: str
    entry: str = ""


@record(frozen=True, slots=True)
class Independence:
    """Can the items run independently? `carrier` is the name that carries data from one iteration to the next.

    It is not `known` where the repetition is not over items, so that the question was not asked.
    """

    independent: bool = True
    carrier: str = ""
    known: bool = True


@record(frozen=True, slots=True)
class Volume:
    """Is the volume worth it? `bound` is the maximum number of items, if known; `exact` states that the number never varies."""

    bound: int | None = None
    exact: bool = False


@record(frozen=True, slots=True)
class ProgressDisplay:
    """A call or value that shows or reports the progress of a repetition: `name` as in the source, `audience` as in the catalogue."""

    name: str
    audience: str
    location: Location


@record(frozen=True, slots=True)
class RepeatedBy:
    """The loop, comprehension or call that repeats a call site.

    - `kind`: `loop`, `comprehension`, `map` (serial mapping functions), `fan-out` or `rows`.
    - `items`, `target`: shortened source text of the collection and of one item.
    - `via`: the callable that repeats (`executor.map`, `asyncio.gather`, `df.apply`), empty for a loop or comprehension.
    - `single`: the limit that admits one run at a time (`max_workers=1`), or empty.
    - `often`: how often a loop runs, in words (once per row of `df`).
    - `elsewhere`: an engine makes the calls, later or on other machines (`@udf`, Spark, a scheduler).
    """

    kind: str
    items: str
    target: str
    via: str
    concurrent: bool
    location: Location
    single: str = ""
    often: str = ""
    elsewhere: bool = False


@record(frozen=True, slots=True)
class RequestRoute:
    """A way from a call in a repetition or handler to a request: the calls in order, each with its location; the last sends the request.

    `functions` are the qualified names of the functions that hold the calls. `traits` are those of the request.
    """

    calls: tuple[Location, ...]
    functions: tuple[str, ...]
    endpoint: Endpoint
    provider: str
    traits: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class Workload:
    """A call site, the repetition or handler around it, and the LLM request it leads to: the unit that rules judge.

    Kinds of realtime requests, and the meaning of `about` for each:

    - `repeated`: a loop, comprehension or call repeats the request.
    - `pseudo-batch`: a call named batch sends realtime requests.
    - `blocking`: a sync request in the coroutine `about`.
    - `scheduled`: each run of the job `about` sends the request.
    - `started`: the handler `about` starts the request and does not wait for it.
    - `tier`: the request has the price tier `about`; `cheap` marks a slow, discounted tier.
    - `follow-up`: the handler `about` waits for the request and does not use its result.
    - `single`: nothing repeats the request or batch. Only the review lists these, and no rule reports them.

    Kinds of batches:

    - `submitted`: a handler submits a batch. `about` is the medium of its user, `accepted` states that the handler answers
      202, `poll` is the call that polls the batch in a loop, or waits for its end, if there is one.
    - `discarded`: the id of the batch is lost; `about` is the variable that holds the batch, if any.
    - `endless-poll`: a polling loop never exits in the terminal states `about`.
    - `unchecked`: an answer is read from a result without checking for failed requests.
    - `positional`: results are joined to `about` by position.
    - `batch-of-one`: a batch with a single request is submitted per item.

    Other fields:

    - `site`: where a finding is reported; `function` is the qualified name of the enclosing function.
    - `provider`: the provider that answers. `alternatives` are others that may, each with another batch API or none.
    - `posted`: the request is a raw HTTP request.
    - `call`: callee of the site as written in the source; `worker` is the function passed to it (`executor.submit`, `label`).
    - `request`: callee of the LLM request.
    - `silence`: reason not to report the workload, or empty. Rules skip workloads with a reason.
    - `awaited`: each call is awaited before the next starts.
    - `shown`: a user waits, and each answer goes to him as it arrives.
    - `progress`: a progress display around the repetition; `report` is a progress report from inside it.
    - `declared`: facts declared by the user in comments or configuration.
    - `stages`: how many requests an item takes, each made from the answer to the one before; 0 if that depends on the item.
    - `walks`: the repetitions over items around the site, outermost first.
    - `models`, `tier`: names of the models that the code passes, and the price tier. Only the review needs them.
    - `routes`: the ways from inside the outermost repetition over items to all requests, the reported one first.
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
    shown: bool = False
    about: str = ""
    cheap: bool = False
    silence: str = ""
    declared: Declaration = field(default_factory=Declaration)
    accepted: bool = False
    poll: str = ""
    worker: str = ""
    stages: int = 1
    walks: tuple[Location, ...] = ()
    routes: tuple[RequestRoute, ...] = ()
    alternatives: tuple[Provider, ...] = ()
    posted: bool = False
    models: tuple[str, ...] = ()
    tier: str = ""

    @property
    def spelled(self) -> str:
        """Callee with the function passed to it: `executor.submit(label)`."""
        return f"{self.call}({self.worker})" if self.worker else self.call

    @property
    def hops(self) -> int:
        """Number of function boundaries between the site and the request."""
        return max(0, len(self.trace) - 2)


@record(frozen=True, slots=True)
class Program:
    """All workloads of the analysed code, sorted by location."""

    workloads: tuple[Workload, ...]

    def repeated(self) -> Iterator[tuple[Workload, RepeatedBy]]:
        """Return the repeated realtime workloads without a reason for silence, each with its repetition."""
        for workload in self.of_kind("repeated"):
            assert workload.repetition is not None
            yield workload, workload.repetition

    def of_kind(self, kind: Kind) -> Iterator[Workload]:
        """Return the workloads of a kind without a reason for silence."""
        for workload in self.workloads:
            if workload.kind == kind and not workload.silence:
                yield workload
