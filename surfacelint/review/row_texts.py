"""The cells of a review as text, for all formats that people read."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.review.amounts import UNKNOWN, duration, money, number, percent
from surfacelint.review.records import Assumption, Figure, Offer, Problem, Review, ReviewedWorkload, Sum
from surfacelint.system.printable_text import one_line

_UNITS = {"seconds_per_call": "s", "input_tokens": "input tokens", "output_tokens": "output tokens"}

MOST_NAMED = 5
"""The maximum number of repositories that a title names."""


def place(row: ReviewedWorkload, *, with_repository: bool = False) -> str:
    """Return the location of a row: `jobs/nightly.py:42`, with the cell of a notebook."""
    repository = f"{row.repository}: " if with_repository else ""
    cell = "" if row.place.cell is None else f":cell {row.place.cell}"
    return one_line(f"{repository}{row.place.path}{cell}:{row.place.row}")


def models(row: ReviewedWorkload) -> str:
    """Return the models of a row."""
    return one_line(", ".join(row.models)) or UNKNOWN


def waits(row: ReviewedWorkload) -> str:
    """Return who waits, with the entry point."""
    entry = row.waiting.entry
    return one_line(f"{row.waiting.answer} ({entry})" if entry else row.waiting.answer)


def independence(row: ReviewedWorkload) -> str:
    """Return whether the items are independent, with the name that ties them."""
    tie = row.independence
    return one_line(f"{tie.answer} (`{tie.carrier}`)" if tie.carrier else tie.answer)


def volume(row: ReviewedWorkload) -> str:
    """Return the volume with its source: `at most 50 calls a run (known: the code)`."""
    known = row.volume
    parts = []
    if known.calls_per_run is not None and row.repetition.kind != "once":
        parts.append(f"{'at most ' if known.at_most else ''}{number(known.calls_per_run)} calls a run")
    if known.calls_per_month is not None:
        parts.append(f"{number(known.calls_per_month)} calls a month")
    if not parts:
        return UNKNOWN
    return one_line(f"{', '.join(parts)} ({known.kind}: {known.source})")


def figures(row: ReviewedWorkload, currency: str) -> Iterator[tuple[str, str]]:
    """Yield what the figures are about (`a month`, `a run` or `1,000 calls`), and the figures of all surfaces, for each known number."""
    if row.surface == "local" or not row.offers:
        return
    first, is_single, shown = row.offers[0], row.repetition.kind == "once", False
    for title, name in (("a month", "month"), ("a run", "run"), ("1,000 calls", "rate")):
        figure: Figure | None = getattr(first, name)
        if figure is None or (name == "run" and is_single) or (name == "rate" and shown):
            continue
        shown = True
        parts = [text for each in row.offers if (text := _offered(each, getattr(each, name), currency))]
        if parts:
            calls = "" if name == "rate" else f" ({number(figure.calls)} calls)"
            yield f"{title}{calls}", "; ".join(parts)


def _offered(offer: Offer, figure: Figure | None, currency: str) -> str:
    """Return the figures of one surface: `batch $1.25, within 24 h`. Without a price, its share of the realtime price."""
    parts = []
    if figure is not None and figure.cost is not None:
        parts.append(f"{money(figure.cost, currency)}{' (measured)' if figure.basis == 'measured' else ''}")
    elif offer.price_ratio is not None and offer.surface != "realtime":
        parts.append(f"{percent(offer.price_ratio)} of the price")
    if figure is not None and figure.seconds is not None:
        parts.append(f"{'within ' if offer.surface == 'batch' else ''}{duration(figure.seconds)}")
    elif offer.surface == "batch" and offer.window_hours is not None:
        parts.append(f"within {duration(offer.window_hours * 3600)}")
    return f"{offer.surface} {', '.join(parts)}" if parts else ""


def savings(row: ReviewedWorkload, currency: str) -> str:
    """Return what the verdict saves: `$12 a month`, `$0.80 per 1,000 calls`, or a share of the price."""
    saved = row.savings
    if saved is not None and saved.cost is not None:
        per = "a month" if row.month is not None and row.month.calls == saved.calls else f"per {number(saved.calls)} calls"
        return f"{money(saved.cost, currency)} {per}"
    target = {"move to batch": "batch", "move to flex": "flex"}.get(row.verdict)
    ratio = next((each.price_ratio for each in row.offers if each.surface == target), None)
    return "" if ratio is None else f"{percent(1 - ratio)} of the price"


def assumptions(row: ReviewedWorkload) -> str:
    """Return what the figures of a row rest on: `assumed a call (default): 3 s, 1,000 input tokens`."""
    texts: dict[str, list[str]] = {}
    for each in row.assumptions:
        if _is_used(row, each):
            texts.setdefault(f"{each.basis} a call ({each.source})", []).append(f"{number(each.value)} {_UNITS[each.name]}")
    return one_line("; ".join(f"{title}: {', '.join(found)}" for title, found in texts.items()))


def _is_used(row: ReviewedWorkload, assumption: Assumption) -> bool:
    """Whether a figure of a row rests on an assumption."""
    rates = [each.rate for each in row.offers if each.rate is not None]
    if assumption.name == "seconds_per_call":
        return any(each.rate is not None and each.rate.seconds is not None for each in row.offers if each.surface != "batch")
    return any(each.cost is not None for each in rates)


def without_price(row: ReviewedWorkload) -> str:
    """Return why a row has no amounts of money, empty if it has."""
    if row.surface == "local" or any(each.rate is not None and each.rate.cost is not None for each in row.offers):
        return ""
    if row.other_providers:
        return "no price: several providers may answer"
    if not row.models:
        return "no price: the code does not name the model"
    if len(row.models) > 1:
        return "no price: the code names several models"
    return f"no price: {one_line(row.models[0])} is not in the price list, or is not priced by token"


def basis(row: ReviewedWorkload) -> str:
    """Return what the figures of a row rest on, and why it has no amounts of money if it has none."""
    return "; ".join(text for text in (assumptions(row), without_price(row)) if text)


def title(review: Review) -> str:
    """Return the title of a review: which repositories it is of, or how many if they are many."""
    names = review.repositories
    return one_line(f"LLM workloads of {', '.join(names) if len(names) <= MOST_NAMED else f'{len(names)} repositories'}")


def summary(review: Review) -> Iterator[str]:
    """Yield sentences about the whole review: how many workloads, what they cost, and what that leaves out."""
    totals = review.totals
    counts = ", ".join(f"{each.workloads} {each.verdict}" for each in totals.verdicts)
    yield f"{totals.workloads} workload{'' if totals.workloads == 1 else 's'}{f': {counts}' if counts else ''}."
    for each in totals.sums:
        yield _sum(each, review.currency)
    if totals.without_figures:
        yield f"{totals.without_figures} of {totals.workloads} have no figure per month, because their volume or price is unknown."
    yield f"Prices: {review.prices}. Months have 30 days."


def _sum(each: Sum, currency: str) -> str:
    basis = {"measured": "measured", "mixed": "partly measured", "assumed": "by declared volumes and assumptions"}[each.basis]
    saved = f", of which the verdicts save {money(each.savings, currency)}" if each.savings else ""
    hours = f" Calls one after another take {duration(each.seconds)}." if each.seconds else ""
    workloads = f"{each.workloads} workload{'' if each.workloads == 1 else 's'}"
    return f"A month, {basis}: {money(each.cost, currency)} for {number(each.calls)} calls of {workloads}{saved}.{hours}"


def problem(each: Problem, *, with_repository: bool = False) -> str:
    """Return what could not be checked, with its place."""
    repository = f"{each.repository}: " if with_repository and each.repository else ""
    row = "" if each.row is None else f":{each.row}"
    return one_line(f"{repository}{each.path}{row}: {each.problem}" if each.path else f"{repository}{each.problem}")
