"""The `html` format: one self-contained page for readers who do not read code, with the totals first.

The page loads nothing. Its policy allows only its own style and script, by their digests, so that no text of a review can run.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from surfacelint.review import change_texts, row_texts
from surfacelint.review.amounts import UNKNOWN, money, number, percent
from surfacelint.review.formats.page_rows import ASSUMED_NAMES, HEADS, chip, kind_of_verdict, row, sorted_rows, table, text
from surfacelint.review.records import Review, Sum, Usage

_PAGE = Path(__file__).with_name("page")

_BASES = {"measured": "measured", "assumed": "assumed", "mixed": "partly measured, partly assumed"}

_ORDERS = {"savings": "savings", "cost": "cost today", "calls": "calls", "place": "place"}


def html(review: Review) -> str:
    """Return the page."""
    style, script = (_PAGE.joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    title = row_texts.title(review)
    policy = f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; base-uri 'none'; form-action 'none'"
    parts = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{text(title)}</title>\n<style>{style}</style>\n</head>\n<body>",
        f'<header>\n<h1>{text(title)}</h1>\n<p class="soft">{text(review.date)}, {text(review.generator)}</p>',
        *_cards(review),
        *_problems(review),
        "</header>\n<main>",
        *_changes(review),
        *_verdicts(review),
        "<h2>Workloads</h2>",
        *_tools(review),
        *_rows(review),
        *(line for usage in review.usage for line in _usage(usage, review.currency)),
        *_assumptions(review),
        "</main>",
        f"<footer>{text(_sources(review))}</footer>\n<script>{script}</script>\n</body>\n</html>\n",
    )
    return "\n".join(parts)


def _digest(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


def _cards(review: Review) -> Iterator[str]:
    yield '<div class="cards">'
    for each in review.totals.sums:
        yield from _sum(each, review.currency)
    yield _card(number(review.totals.workloads), "workloads")
    if review.totals.without_figures:
        yield _card(number(review.totals.without_figures), "of them in no sum: their volume or price is unknown")
    yield "</div>"


def _sum(each: Sum, currency: str) -> Iterator[str]:
    basis = _BASES[each.basis]
    about = f"of {number(each.workloads)} workload{'s' if each.workloads != 1 else ''}, {basis}"
    yield _card(money(each.savings, currency), f"a month can be saved, {about}", "saves")
    yield _card(money(each.cost, currency), f"a month today, {about}, {number(each.calls)} calls")


def _card(value: str, about: str, kind: str = "") -> str:
    return f'<div class="{f"card {kind}".strip()}"><strong>{text(value)}</strong><span>{text(about)}</span></div>'


def _problems(review: Review) -> Iterator[str]:
    if review.complete:
        return
    yield '<div class="notice" role="alert"><b>Not everything could be checked.</b> Workloads in these places are missing:<ul>'
    for each in review.not_checked:
        repository = f"{each.repository}: " if len(review.repositories) > 1 and each.repository else ""
        place = repository if not each.path else f"{repository}{each.path}:{each.row}: " if each.row else f"{repository}{each.path}: "
        yield f"<li><code>{text(place)}</code>{text(each.problem)}</li>"
    yield "</ul></div>"


def _changes(review: Review) -> Iterator[str]:
    if review.comparison is None:
        return
    yield f"<h2>Changes</h2>\n<p>{text(change_texts.heading(review.comparison))}</p>"
    found = change_texts.rows(review, review.comparison.changes)
    if found:
        yield table(tuple(map(str.capitalize, change_texts.TITLES)), found)


def _verdicts(review: Review) -> Iterator[str]:
    counts = review.totals.verdicts
    if not counts:
        return
    yield "<h2>Verdicts</h2>"
    whole, start = sum(each.workloads for each in counts), 0.0
    yield '<div class="split" role="img" aria-label="Workloads by verdict"><svg viewBox="0 0 100 1" preserveAspectRatio="none">'
    for each in counts:
        width = 100 * each.workloads / whole
        title = f"<title>{text(each.verdict)}: {each.workloads}</title>"
        shape = f'x="{start:.2f}" width="{max(width - 0.2, 0.1):.2f}" height="1"'
        yield f'<rect class="part-{kind_of_verdict(each.verdict)}" {shape}>{title}</rect>'
        start += width
    yield "</svg></div>"
    yield "<p>" + "\n".join(f"{chip(each.verdict)} {number(each.workloads)}" for each in counts) + "</p>"


def _tools(review: Review) -> Iterator[str]:
    rows = review.workloads
    choices: dict[str, Sequence[str]] = {
        "verdict": [each.verdict for each in review.totals.verdicts],
        "waiting": [answer for answer in ("yes", "no", "unknown") if any(each.waiting.answer == answer for each in rows)],
        "owner": sorted({owner for each in rows for owner in each.owners}),
        "repository": sorted({each.repository for each in rows}) if len(review.repositories) > 1 else [],
    }
    yield '<form class="tools" hidden>'
    yield '<label>Search<input type="search" name="text" placeholder="file, model, owner …"></label>'
    labels = {"verdict": "Verdict", "waiting": "A user waits", "owner": "Owner", "repository": "Repository"}
    for name, values in choices.items():
        options = "".join(f'<option value="{text(value)}">{text(value)}</option>' for value in values)
        hidden = "" if values else " hidden"
        yield f'<label{hidden}>{labels[name]}<select name="{name}"><option value="">any</option>{options}</select></label>'
    orders = "".join(f'<option value="{name}">{label}</option>' for name, label in _ORDERS.items())
    yield f'<label>Sort by<select name="order">{orders}</select></label>'
    yield '<button type="reset">Reset</button>\n</form>'
    yield f'<p class="soft" id="shown" role="status">{len(rows)} workloads</p>'


def _rows(review: Review) -> Iterator[str]:
    yield '<div class="heads" aria-hidden="true">' + "".join(f"<span>{head}</span>" for head in HEADS) + "</div>"
    largest = max((cost for each in review.workloads if (cost := each.monthly_cost) is not None), default=Decimal(0))
    yield '<div class="rows">'
    several = len(review.repositories) > 1
    yield from (row(place, each, review.currency, largest, with_repository=several) for place, each in sorted_rows(review.workloads))
    yield "</div>"


def _usage(usage: Usage, currency: str) -> Iterator[str]:
    yield f"<h2>Measured usage of {text(usage.repository)}</h2>"
    files = ", ".join(f"{each.path} ({each.tool}, {each.start} to {each.end})" for each in usage.files)
    known = f"{money(usage.joined_cost, currency)} of {money(usage.cost, currency)}"
    yield f"<p>{text(files)}</p>\n<p>Workloads above caused {text(known)}. The rest could not be joined with one of them:</p>"
    lines = [
        (
            each.provider or UNKNOWN,
            each.model or UNKNOWN,
            each.endpoint or UNKNOWN,
            each.surface,
            number(each.requests),
            money(each.cost, currency),
            UNKNOWN if each.share_of_cost is None else percent(round(Decimal(str(each.share_of_cost)), 3)),
            each.reason,
        )
        for each in usage.unjoined
    ]
    yield table(("Provider", "Model", "Endpoint", "Surface", "Requests", "Cost", "Share", "Why not"), lines)
    yield from (f"<p>{text(note)}</p>" for note in usage.notes)


def _assumptions(review: Review) -> Iterator[str]:
    counted = Counter((each.name, each.value, each.source) for row_ in review.workloads for each in row_.assumptions)
    for each in review.assumptions:
        counted.setdefault((each.name, each.value, each.source), 0)
    if counted:
        yield "<h2>Assumptions</h2>\n<p>Numbers that the code does not state. The figures of a workload name those that they rest on.</p>"
        yield table(("What", "Number", "Source", "Workloads"), _assumed(counted.items()))


def _assumed(counted: Iterable[tuple[tuple[str, float, str], int]]) -> list[tuple[str, ...]]:
    return [(ASSUMED_NAMES[name], number(value), source, number(count)) for (name, value, source), count in counted]


def _sources(review: Review) -> str:
    prices = f"Prices: {review.prices}. " if review.prices else "No prices are known. "
    return f"{prices}Amounts in {review.currency}. A month has 30 days."
