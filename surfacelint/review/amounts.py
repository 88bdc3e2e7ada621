"""Numbers, amounts of money and durations as people read them."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

UNKNOWN = "unknown"

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
_CENT = Decimal("0.01")
_WHOLE = Decimal(100)


def number(value: float | None) -> str:
    """Return a number with separators, to three digits if it is not whole: `10,000`, `6.67`."""
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if value == round(value) or value >= 100 else f"{value:.3g}"


def money(value: Decimal | None, currency: str = "USD") -> str:
    """Return an amount of money: `$1,250`, `$12.50`, and to two digits below a cent: `$0.0013`."""
    if value is None:
        return UNKNOWN
    sign, size = "-" if value < 0 else "", abs(value)
    if size >= _WHOLE:
        text = f"{size.quantize(Decimal(1), ROUND_HALF_UP):,f}"
    elif size >= _CENT or not size:
        text = f"{size.quantize(_CENT, ROUND_HALF_UP):f}"
    else:
        text = f"{size.quantize(Decimal(1).scaleb(size.adjusted() - 1), ROUND_HALF_UP):f}"
    return f"{sign}{_SIGNS[currency]}{text}" if currency in _SIGNS else f"{sign}{text} {currency}"


def duration(seconds: float | None) -> str:
    """Return a duration in its two largest units, rounded: `8 h 20 min`, `3 s`, `2 d`."""
    if seconds is None:
        return UNKNOWN
    if seconds < 1:
        return f"{seconds:.2g} s"
    units = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    first = next(place for place, (_, size) in enumerate(units) if seconds >= size * (2 if size == 86_400 else 1))
    last = min(first + 1, len(units) - 1)
    rest = math.floor(seconds / units[last][1] + 0.5) * units[last][1]
    parts = []
    for name, size in units[first - 1 if first > 1 else first : last + 1]:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count:,.0f} {name}")
    return " ".join(parts[:2])


def percent(ratio: Decimal) -> str:
    """Return a share in percent: `50 %`."""
    return f"{(ratio * 100).normalize():f} %"
