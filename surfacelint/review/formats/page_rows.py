"""The rows of the page of a review: a summary that opens to the reason, the remedy, the figures, the trace and the source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from html import escape

from surfacelint.review import row_texts
from surfacelint.review.amounts import UNKNOWN, duration, money, number
from surfacelint.review.records import VERDICTS, Figure, Offer, Place, ReviewedWorkload
from surfacelint.system.printable_text import lines, one_line

ASSUMED_NAMES = {
    "seconds_per_call": "seconds per call",
    "input_tokens": "input tokens per call",
    "output_tokens": "output tokens per call",
}

HEADS = ("Where", "Model", "Repeats", "A user waits", "Calls a month", "Cost a month", "Verdict")
"""What the cells of a row hold."""

_KINDS = {"make realtime": "warn", "not worth it": "calm", "right surface": "calm"}


def text(content: str) -> str:
    """Return one line of text as HTML."""
    return escape(one_line(content))


def prose(content: str) -> str:
    """Return one line of text as HTML, with what stands between backticks as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", text(content))


def kind_of_verdict(verdict: str) -> str:
    """Return how a verdict looks: `act` for one that saves, `warn` for a user who waits for a batch, else `calm`."""
    return _KINDS.get(verdict, "act")


def chip(verdict: str) -> str:
    """Return a verdict as HTML."""
    return f'<span class="chip {kind_of_verdict(verdict)}">{text(verdict)}</span>'


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of texts as HTML, without a first row if it has no `heads`."""
    head = "<tr>" + "".join(f"<th>{text(each)}</th>" for each in heads) + "</tr>\n" if heads else ""
    body = "\n".join("<tr>" + "".join(f"<td>{prose(cell)}</td>" for cell in each) + "</tr>" for each in rows)
    return f'<div class="wide"><table>\n{head}{body}\n</table></div>'


def sorted_rows(rows: Sequence[ReviewedWorkload]) -> list[tuple[int, ReviewedWorkload]]:
    """Return rows with their numbers, those that save most first; where that is unknown, in the order of the verdicts."""

    def rank(numbered: tuple[int, ReviewedWorkload]) -> tuple[Decimal, int]:
        each = numbered[1]
        return -(monthly_savings(each) or Decimal(0)), VERDICTS.index(each.verdict)

    return sorted(enumerate(rows), key=rank)


def monthly_savings(each: ReviewedWorkload) -> Decimal | None:
    """Return what the verdict saves a month, `None` if that is unknown: the savings may be those of 1,000 calls."""
    return each.savings.cost if each.savings is not None and each.month is not None else None


def row(number_: int, each: ReviewedWorkload, currency: str, largest: Decimal, *, with_repository: bool) -> str:
    """Return a row as HTML. `largest` is the cost of the most expensive month of all rows, to which the bars compare."""
    month, saved = each.month, monthly_savings(each)
    data = {
        "place": str(number_),
        "verdict": each.verdict,
        "waiting": each.waiting.answer,
        "repository": each.repository,
        "owner": "\n".join(map(one_line, each.owners)),
        "cost": "" if month is None or month.cost is None else f"{month.cost:f}",
        "calls": "" if month is None else f"{month.calls:g}",
        "savings": "" if saved is None else f"{saved:f}",
    }
    attributes = "".join(f' data-{name}="{escape(value)}"' for name, value in data.items() if value or name == "owner")
    filled = zip(HEADS, _cells(each, currency, largest, with_repository), strict=True)
    cells = "\n".join(f'<span data-head="{head}">{cell}</span>' for head, cell in filled)
    detail = "\n".join(_detail(each, currency))
    head = f'<details class="row" id="{text(each.id)}"{attributes}>\n<summary>{cells}</summary>'
    return f'{head}\n<div class="detail">{detail}</div>\n</details>'


def _cells(each: ReviewedWorkload, currency: str, largest: Decimal, with_repository: bool) -> Iterator[str]:
    names = " ".join((*((each.repository,) if with_repository else ()), *each.owners))
    yield f"<b>{text(each.function)}</b><small>{text(_place(each.place))}</small>" + (f"<small>{text(names)}</small>" if names else "")
    yield f"{text(', '.join(each.models) or 'unknown model')}<small>{text(each.provider_title)}, {text(each.surface)}</small>"
    yield prose(each.repetition.text or each.repetition.kind)
    yield f"{each.waiting.answer}<small>{text(each.waiting.entry)}</small>"
    volume = each.volume
    per_run = f"{'at most ' if volume.at_most else ''}{number(volume.calls_per_run)} a run" if volume.calls_per_run is not None else ""
    yield f"{number(volume.calls_per_month)}<small>{text(per_run)}</small>"
    yield _cost(each, currency, largest)
    yield f"{chip(each.verdict)}<small>{text(_saved(each, currency))}</small>"


def _cost(each: ReviewedWorkload, currency: str, largest: Decimal) -> str:
    today = each.month
    if today is None or today.cost is None:
        rate = each.offers[0].rate if each.offers else None
        known = "" if rate is None or rate.cost is None else f"{money(rate.cost, currency)} per 1,000 calls"
        return f'<span class="money">{UNKNOWN}</span><small>{text(known)}</small>'
    saved = each.savings.cost if each.savings is not None and each.savings.cost is not None else Decimal(0)
    bars = _bar("today", 0, today.cost, largest) + (_bar("after", 5, today.cost - saved, largest) if saved else "")
    picture = f'<svg class="bars" viewBox="0 0 100 9" preserveAspectRatio="none" aria-hidden="true">{bars}</svg>' if largest else ""
    return f'<span class="money">{text(money(today.cost, currency))}</span><small>{text(today.basis)}</small>{picture}'


def _bar(kind: str, top: int, cost: Decimal, largest: Decimal) -> str:
    return f'<rect class="{kind}" y="{top}" width="{max(100 * cost / largest, Decimal(1)):.1f}" height="4"/>'


def _saved(each: ReviewedWorkload, currency: str) -> str:
    return "" if each.savings is None or each.savings.cost is None else f"saves {row_texts.savings(each, currency)}"


def _detail(each: ReviewedWorkload, currency: str) -> Iterator[str]:
    yield f"<div><h3>Why</h3><p>{prose(each.reason)}</p>"
    if each.remedy:
        yield "<h3>Remedy</h3><ul>" + "".join(f"<li>{prose(step)}</li>" for step in each.remedy) + "</ul>"
    yield "<h3>Facts</h3>" + table((), _facts(each))
    yield "</div><div>"
    if each.offers:
        heads = ("Surface", "Input, output per 1M tokens", "1,000 calls", "One run", "A month")
        yield "<h3>Cost and time</h3>" + table(heads, [_offer(offer, currency) for offer in each.offers])
    if each.assumptions:
        assumed = [f"{number(one.value)} {ASSUMED_NAMES[one.name]} ({one.source}, {one.basis})" for one in each.assumptions]
        yield f'<p class="soft">Resting on {text("; ".join(assumed))}.</p>'
    if each.trace:
        steps = (f"<li><code>{text(_place(step.place))}</code> {prose(step.note)}</li>" for step in each.trace)
        yield "<h3>Way to the request</h3><ol>" + "".join(steps) + "</ol>"
    if each.excerpt is not None:
        yield "<h3>Source</h3><pre>" + "\n".join(_source(each)) + "</pre>"
    yield "</div>"


def _facts(each: ReviewedWorkload) -> list[tuple[str, str]]:
    tie = each.independence
    found = [
        ("call", each.call),
        ("endpoint", each.endpoint),
        ("items", f"{tie.answer}{f', tied by {tie.carrier}' if tie.carrier else ''}"),
        ("volume", f"{each.volume.kind}{f', {each.volume.source}' if each.volume.source else ''}"),
        ("reviewed", each.reviewed or "never"),
        ("findings", ", ".join((*each.rules, *(f"{code} (suppressed)" for code in each.suppressed))) or "none"),
        ("id", each.id),
    ]
    if each.other_providers:
        found.insert(2, ("other providers", ", ".join(each.other_providers)))
    return found


def _offer(offer: Offer, currency: str) -> tuple[str, ...]:
    prices = UNKNOWN
    if offer.input_price is not None and offer.output_price is not None:
        prices = f"{money(offer.input_price, currency)}, {money(offer.output_price, currency)}"
    name = offer.surface if not offer.title else f"{offer.surface} ({offer.title})"
    return name, prices, _figure(offer.rate, currency), _figure(offer.run, currency), _figure(offer.month, currency)


def _figure(figure: Figure | None, currency: str) -> str:
    if figure is None:
        return UNKNOWN
    cost = "cost unknown" if figure.cost is None else money(figure.cost, currency)
    return ", ".join((cost, *((duration(figure.seconds),) if figure.seconds is not None else ())))


def _source(each: ReviewedWorkload) -> Iterator[str]:
    excerpt = each.excerpt
    assert excerpt is not None
    width = len(str(excerpt.row + len(excerpt.lines)))
    for number_, line in enumerate(excerpt.lines, excerpt.row):
        shown = f"{number_:>{width}}  {escape(lines(line))}"
        yield f"<mark>{shown}</mark>" if each.place.row <= number_ <= each.place.end_row else shown


def _place(place: Place) -> str:
    cell = f":cell {place.cell}" if place.cell else ""
    return f"{place.path}{cell}:{place.row}:{place.column}"
