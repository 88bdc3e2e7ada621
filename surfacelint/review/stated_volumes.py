"""What people and usage exports state about a workload, and the volume and assumptions that follow from it."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias

from surfacelint.review.estimates import Basics
from surfacelint.review.records import Assumption, Basis, ReviewedWorkload, Volume
from surfacelint.system.records import record

DEFAULT_SECONDS, DEFAULT_INPUT, DEFAULT_OUTPUT = 3.0, 1_000.0, 250.0
"""Seconds, input tokens and output tokens of a call about which nothing else is known. They are assumptions, and shown as such."""

DAYS_PER_MONTH = 30

OPTIONS = "options"
"""The source of numbers from the command line."""

Name: TypeAlias = Literal["seconds_per_call", "input_tokens", "output_tokens"]

_DEFAULTS: dict[Name, float] = {"seconds_per_call": DEFAULT_SECONDS, "input_tokens": DEFAULT_INPUT, "output_tokens": DEFAULT_OUTPUT}


@record(frozen=True, slots=True)
class Stated:
    """Numbers about a workload from one source: the volume file, options, or a usage export (`measured`).

    - `items`: items of one run. `runs_per_month`, `calls_per_month`: for months of 30 days.
    - `cost_per_month`: the measured cost, in the currency of the prices.
    - `deadline_hours`: hours until the answers are needed. `one_off`: the job runs once.
    - `reviewed`: the date on which a person reviewed the numbers, as YYYY-MM-DD.
    """

    source: str
    measured: bool = False
    items: float | None = None
    runs_per_month: float | None = None
    calls_per_month: float | None = None
    seconds_per_call: float | None = None
    input_tokens: float | None = None
    output_tokens: float | None = None
    cost_per_month: Decimal | None = None
    deadline_hours: float | None = None
    one_off: bool = False
    reviewed: str = ""

    @property
    def basis(self) -> Basis:
        """Whether the numbers are measured or assumed."""
        return "measured" if self.measured else "assumed"


def basics(row: ReviewedWorkload, stated: tuple[Stated, ...]) -> Basics:
    """Return what the figures of a row rest on. Of several sources, the first that states a number counts, and the code comes last."""
    numbers = tuple(_assumption(row, stated, name) for name in ("seconds_per_call", "input_tokens", "output_tokens"))
    cost = next((each.cost_per_month for each in stated if each.cost_per_month is not None), None)
    return Basics(_volume(row, stated), numbers, cost)


def default_assumptions(options: Stated) -> tuple[Assumption, ...]:
    """Return the assumptions for workloads without own numbers, as the options state them."""
    return tuple([_of(options, name) or Assumption(name, default, "default", "assumed") for name, default in _DEFAULTS.items()])


def _assumption(row: ReviewedWorkload, stated: tuple[Stated, ...], name: Name) -> Assumption:
    found = next((known for each in stated if (known := _of(each, name)) is not None), None)
    if found is not None:
        return found
    if name == "output_tokens" and row.operation == "embedding":
        return Assumption(name, 0.0, "embeddings have none", "assumed")
    return Assumption(name, _DEFAULTS[name], "default", "assumed")


def _of(stated: Stated, name: Name) -> Assumption | None:
    """Return the number with a name that a source states, `None` if it states none."""
    numbers = {"seconds_per_call": stated.seconds_per_call, "input_tokens": stated.input_tokens, "output_tokens": stated.output_tokens}
    value = numbers[name]
    source = f"--{name.replace('_', '-')}" if stated.source == OPTIONS else stated.source
    return None if value is None else Assumption(name, value, source, stated.basis)


def _volume(row: ReviewedWorkload, stated: tuple[Stated, ...]) -> Volume:
    """Return the volume that the first source with any states, completed by what the code says; otherwise that of the code."""
    known = row.volume
    for each in stated:
        items = each.items if row.repetition.kind != "once" or each.source != OPTIONS else None
        if each.source == OPTIONS and known.kind != "unknown":
            continue  # an option is for all workloads of which nothing is known
        if items is None and each.calls_per_month is None and each.runs_per_month is None:
            continue
        requests = row.requests_per_item
        per_run = items * requests if items is not None and requests is not None else known.calls_per_run
        runs = each.runs_per_month
        per_month = (
            each.calls_per_month
            if each.calls_per_month is not None
            else per_run * runs
            if per_run is not None and runs is not None
            else None
        )
        at_most = known.at_most and items is None
        source = "--items" if each.source == OPTIONS else each.source
        return Volume("measured" if each.measured else "declared", per_run, runs, per_month, at_most, source)
    return known
