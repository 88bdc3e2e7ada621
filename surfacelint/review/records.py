"""The records of a review. Their fields, in this order, are the JSON document; `told` gives the description of each in the schema.

Money is a `Decimal`, in the currency of the review. Numbers of calls, items and tokens are floats, because declared volumes
need not be whole. An unknown number is `None`, an unknown text is empty, and neither is ever replaced by a guess.
"""

from __future__ import annotations

from dataclasses import MISSING, field
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from surfacelint.system.records import record

SCHEMA_VERSION = 1
"""Grows when a field changes its meaning or disappears. New fields do not change it."""

Surface: TypeAlias = Literal["realtime", "flex", "batch", "pseudo-batch", "local"]
RepetitionKind: TypeAlias = Literal["once", "loop", "comprehension", "map", "fan-out", "rows", "list"]
Answer: TypeAlias = Literal["yes", "no", "unknown"]
IndependenceAnswer: TypeAlias = Literal["independent", "dependent", "unknown"]
VolumeKind: TypeAlias = Literal["known", "declared", "measured", "unknown"]
Verdict: TypeAlias = Literal[
    "right surface", "move to batch", "move to flex", "send a list", "make realtime", "queue the follow-up", "not worth it"
]
Basis: TypeAlias = Literal["measured", "assumed", "mixed"]
ChangeKind: TypeAlias = Literal["new", "gone", "surface", "verdict", "volume", "reviewed", "overdue"]

VERDICTS: tuple[Verdict, ...] = (
    "move to batch",
    "send a list",
    "move to flex",
    "make realtime",
    "queue the follow-up",
    "not worth it",
    "right surface",
)
"""All verdicts, in the order in which a review lists them."""


def told(about: str, default: Any = MISSING) -> Any:
    """Return a field with a description for the schema."""
    return field(metadata={"about": about}) if default is MISSING else field(default=default, metadata={"about": about})


@record(frozen=True, slots=True)
class Place:
    """A span of a file."""

    path: str = told("Path relative to the root of the project, with forward slashes.")
    row: int = told("First row, from 1. In a notebook, from the start of the cell.")
    column: int = told("First column, from 1.")
    end_row: int = told("Last row.")
    end_column: int = told("Column after the last character.")
    cell: int | None = told("Number of the notebook cell among all cells, from 1.", None)


@record(frozen=True, slots=True)
class TraceStep:
    """One step from the repetition or handler to the request."""

    place: Place = told("Where the step is.")
    note: str = told("What happens there.")


@record(frozen=True, slots=True)
class Repetition:
    """How a call site repeats in one run."""

    kind: RepetitionKind = told("`once`: nothing repeats the call in one run. `list`: the call itself sends a request per input.")
    over: str = told("Source text of the collection, if the code names one.", "")
    concurrent: bool = told("Whether several requests are under way at a time.", False)
    text: str = told("The repetition in words.", "")


@record(frozen=True, slots=True)
class Waiting:
    """Whether a user is waiting."""

    answer: Answer = told("Whether a user waits.")
    entry: str = told("The entry point that decides it, if one is known.", "")


@record(frozen=True, slots=True)
class Independence:
    """Whether the items can run independently."""

    answer: IndependenceAnswer = told("Whether a call needs the result of an earlier one. `unknown` where nothing repeats the call.")
    carrier: str = told("The name that carries data from one iteration to the next.", "")


@record(frozen=True, slots=True)
class Volume:
    """How many calls there are."""

    kind: VolumeKind = told("Where the numbers come from: the code, a declaration, a usage export, or nowhere.")
    calls_per_run: float | None = told("Requests of one run.", None)
    runs_per_month: float | None = told("Runs per month of 30 days.", None)
    calls_per_month: float | None = told("Requests per month of 30 days.", None)
    at_most: bool = told("Whether the calls of one run are a maximum.", False)
    source: str = told("What states the numbers.", "")


@record(frozen=True, slots=True)
class Assumption:
    """A number that figures rest on and that the code does not state."""

    name: Literal["seconds_per_call", "input_tokens", "output_tokens"] = told("What is assumed.")
    value: float = told("The number: seconds, or tokens per call.")
    source: str = told("Where it comes from, such as `default`, `--input-tokens`, the volume file or a usage export.")
    basis: Basis = told("`measured` or `assumed`.")


@record(frozen=True, slots=True)
class Figure:
    """Cost and wall-clock time of a number of calls on one surface."""

    calls: float = told("Number of calls.")
    cost: Decimal | None = told("Cost in the currency of the review, as a string.", None)
    seconds: float | None = told("Wall-clock seconds, or the longest time until a batch must be answered.", None)
    basis: Basis = told("What the figure rests on: measured or assumed numbers, or both.", "assumed")


@record(frozen=True, slots=True)
class Offer:
    """A surface on which the requests of a workload can run, and what they cost there."""

    surface: Surface = told("The surface.")
    title: str = told("Its name at the provider.", "")
    price_ratio: Decimal | None = told("Its price as a fraction of the realtime price, as a string.", None)
    window_hours: float | None = told("Hours within which the provider promises the answers of a batch.", None)
    input_price: Decimal | None = told("Price of a million input tokens, as a string.", None)
    output_price: Decimal | None = told("Price of a million output tokens, as a string.", None)
    price_source: str = told("Where the prices come from, with the date.", "")
    rate: Figure | None = told("1,000 calls.", None)
    run: Figure | None = told("One run, if its number of calls is known.", None)
    month: Figure | None = told("One month of 30 days, if its number of calls is known.", None)


@record(frozen=True, slots=True)
class Excerpt:
    """The source around a call site."""

    row: int = told("Row of the first line.")
    lines: tuple[str, ...] = told("The lines.")


@record(frozen=True, slots=True)
class ReviewedWorkload:
    """One call site with its three answers, its verdict, and its figures."""

    id: str = told("Identity that survives moved lines and renamed files. Unique in its repository.")
    repository: str = told("Name of the repository.")
    place: Place = told("The call site.")
    function: str = told("Name of the function with the call site, `<module>` for code outside of functions.")
    call: str = told("The call as written in the source.")
    owners: tuple[str, ...] = told("Owners by CODEOWNERS. Empty if unknown.")
    provider: str = told("Provider that answers, as in `surfacelint providers`.")
    provider_title: str = told("Name of the provider for readers.")
    other_providers: tuple[str, ...] = told("Providers that may answer instead.")
    endpoint: str = told("The endpoint in Python's spelling.")
    operation: str = told("Kind of the endpoint: chat, responses, embedding, … Empty if unknown.")
    models: tuple[str, ...] = told("Models that the code names. Empty if unknown.")
    repetition: Repetition = told("How the call site repeats.")
    requests_per_item: int | None = told("Requests that one item or run takes at least. Null if that depends on the item.")
    waiting: Waiting = told("Whether a user waits.")
    independence: Independence = told("Whether the items are independent.")
    volume: Volume = told("How many calls there are.")
    surface: Surface = told("Surface today.")
    verdict: Verdict = told("What to do.")
    reason: str = told("Why, with the arithmetic where volume decides.")
    rules: tuple[str, ...] = told("Codes of the findings that `surfacelint check` reports here.")
    suppressed: tuple[str, ...] = told("Codes of the findings here that a comment or baseline suppresses.")
    remedy: tuple[str, ...] = told("Steps of the remedy.")
    trace: tuple[TraceStep, ...] = told("The way from the repetition or handler to the request.")
    excerpt: Excerpt | None = told("The source around the call site.")
    offers: tuple[Offer, ...] = told("Surfaces that the requests can use, the present one first.")
    assumptions: tuple[Assumption, ...] = told("What the figures rest on.")
    savings: Figure | None = told("What the verdict saves per month, or per 1,000 calls if the volume is unknown.", None)
    reviewed: str = told("Date on which a person reviewed the volume, as YYYY-MM-DD. Empty if never.", "")

    @property
    def month(self) -> Figure | None:
        """The figure of a month on the surface of today, `None` if that is unknown."""
        return self.offers[0].month if self.offers else None

    @property
    def monthly_cost(self) -> Decimal | None:
        """The cost of a month on the surface of today, `None` if that is unknown."""
        return None if self.month is None else self.month.cost


@record(frozen=True, slots=True)
class Sum:
    """Sum of figures with the same basis."""

    basis: Basis = told("What all of them rest on.")
    workloads: int = told("Number of workloads in the sum.")
    calls: float = told("Calls per month.")
    cost: Decimal | None = told("Cost per month today, of the workloads whose price is known.")
    savings: Decimal | None = told("What the verdicts save per month.")
    seconds: float | None = told("Wall-clock seconds per month today, of the calls that run one after another.", None)


@record(frozen=True, slots=True)
class VerdictCount:
    """Number of workloads with a verdict."""

    verdict: Verdict = told("The verdict.")
    workloads: int = told("Number of workloads.")


@record(frozen=True, slots=True)
class Totals:
    """Sums over all workloads. Measured and assumed figures are never added up."""

    workloads: int = told("Number of workloads.")
    verdicts: tuple[VerdictCount, ...] = told("Number of workloads by verdict, without verdicts that no workload has.")
    sums: tuple[Sum, ...] = told("Sums per month by basis, of the workloads with a known volume and price.")
    without_figures: int = told("Number of workloads that no sum includes, because their volume or price is unknown.")


@record(frozen=True, slots=True)
class Problem:
    """Something that could not be checked."""

    path: str = told("The file, or empty.")
    row: int | None = told("The row, from 1.")
    problem: str = told("What is wrong.")
    repository: str = told("Name of the repository.", "")


@record(frozen=True, slots=True)
class UsageFile:
    """A usage export."""

    path: str = told("Path as it was given.")
    tool: str = told("What wrote it, such as OpenAI or Langfuse.")
    start: str = told("First day that it covers, as YYYY-MM-DD in UTC.")
    end: str = told("Last day that it covers, as YYYY-MM-DD in UTC.")


@record(frozen=True, slots=True)
class JoinedUsage:
    """Measured usage that one workload caused, over the period of the exports."""

    workload: str = told("Identity of the workload.")
    requests: int | None = told("Number of requests, if the exports state it.")
    cost: Decimal | None = told("Cost, if the exports state it.")


@record(frozen=True, slots=True)
class UnjoinedUsage:
    """Measured usage that no single workload caused for certain, over the period of the exports."""

    provider: str = told("Provider as the export spells it. Empty if it names none.")
    model: str = told("Model as the export spells it. Empty if it names none.")
    endpoint: str = told("Endpoint, or another thing that costs money. Empty if the export names none.")
    surface: Literal["realtime", "batch", "flex", "unknown"] = told("Surface.")
    service: str = told("Service that sent the requests, if spans name it.")
    requests: int | None = told("Number of requests, if the export states it.")
    tokens: int | None = told("Number of input and output tokens, if the export states it.")
    cost: Decimal | None = told("Cost, if the export states it.")
    share_of_requests: float | None = told("Its part of all measured requests, from 0 to 1.")
    share_of_cost: float | None = told("Its part of all measured cost, from 0 to 1.")
    reason: str = told("Why it cannot be joined.")
    candidates: tuple[str, ...] = told("Identities of the workloads that can have caused it.")


@record(frozen=True, slots=True)
class Usage:
    """What usage exports measured for one repository: the sums of the workloads that caused it, and the rest."""

    repository: str = told("Name of the repository.")
    files: tuple[UsageFile, ...] = told("The exports.")
    requests: int | None = told("All measured requests.")
    cost: Decimal | None = told("All measured cost.")
    joined_requests: int | None = told("Requests of known workloads.")
    joined_cost: Decimal | None = told("Cost of known workloads.")
    joined: tuple[JoinedUsage, ...] = told("Usage by workload.")
    unjoined: tuple[UnjoinedUsage, ...] = told("Usage that could not be joined, the most expensive first.")
    notes: tuple[str, ...] = told("What the exports state twice, and what counts.")


@record(frozen=True, slots=True)
class Change:
    """A difference between two reviews."""

    kind: ChangeKind = told(
        "`new` or `gone` workload, another `surface`, `verdict` or `volume`, a volume that a person `reviewed`, or `overdue` for that."
    )
    repository: str = told("Name of the repository.")
    workload: str = told("Identity of the workload.")
    place: Place = told("The call site, of a workload that is gone the earlier one.")
    function: str = told("Name of the function with the call site.")
    before: str = told("What the earlier review said. Empty for a new workload.")
    now: str = told("What this review says. Empty for a workload that is gone.")
    cost: Decimal | None = told("Cost per month that the change adds, negative if it saves. Null if that is unknown.", None)


@record(frozen=True, slots=True)
class Comparison:
    """What has changed since an earlier review."""

    since: str = told("Date of the earlier review, as YYYY-MM-DD.")
    changes: tuple[Change, ...] = told("The changes, by kind, repository and place.")


@record(frozen=True, slots=True)
class Review:
    """A whole review: the top of the JSON document."""

    schema_version: int = told("Version of this schema.")
    generator: str = told("Program and version.")
    date: str = told("Date of the review, as YYYY-MM-DD.")
    repositories: tuple[str, ...] = told("Names of the reviewed repositories.")
    currency: str = told("Currency of all amounts.")
    prices: str = told("Where the prices come from, with the date.")
    workloads: tuple[ReviewedWorkload, ...] = told("All workloads, sorted by repository and place.")
    totals: Totals = told("Sums.")
    assumptions: tuple[Assumption, ...] = told("Assumptions that hold for all workloads without own numbers.")
    not_checked: tuple[Problem, ...] = told("What could not be checked. Workloads there are missing.")
    usage: tuple[Usage, ...] = told("Measured usage by repository, of those reviewed with usage exports.", ())
    comparison: Comparison | None = told("What has changed since an earlier review, if there is one to compare with.", None)

    @property
    def complete(self) -> bool:
        """Whether everything could be checked."""
        return not self.not_checked
