"""Parses `# surfacelint:` comments: suppressions, declared facts, and mistakes with advice.

    # surfacelint: ignore[SRF101, SRF302] -- forty reviews a night
    # surfacelint: ignore-file[SRF1]
    # surfacelint: volume=200/day, deadline=1h, one-off, user-waits, background

The first two suppress findings, the last declares facts about a workload. A comment contains one `ignore` or any number
of facts. The text after `--` is a reason for readers.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from surfacelint.system.did_you_mean import suggestion
from surfacelint.system.records import record

IGNORE, IGNORE_FILE = "ignore", "ignore-file"
FACTS = ("volume", "deadline", "one-off", "user-waits", "background")

OUR_WORDS = ("surfacelint:", "srf")
"""Any text with a comment for surfacelint, or with a suppression of one of its rules, contains one of these in any case."""

DIRECTIVE = re.compile(r"#\s*surfacelint:(?P<body>[^#]*)", re.IGNORECASE)
"""A directive in a comment, up to the end of the comment or the next `#` in it."""

_REASON = re.compile(r"\s*(?:--|—)\s*(?P<reason>.*)$")
_IGNORE = re.compile(r"ignore(?P<file>-file)?(?:\[(?P<codes>[^\]]*)\])?\s*(?P<rest>.*)$")
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]*")
_CODE = re.compile(r"[A-Za-z]+[0-9]+")
_AMOUNT = re.compile(r"(?P<number>\d[\d_]*(?:\.\d+)?)\s*(?P<thousand>k?)\s*/\s*(?P<unit>[a-z]+)")
_SPAN = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[a-z]+)")

_PER_DAY = {"hour": 24.0, "h": 24.0, "day": 1.0, "d": 1.0, "week": 1 / 7, "w": 1 / 7, "month": 1 / 30, "year": 1 / 365}
_HOURS = {"s": 1 / 3600, "m": 1 / 60, "min": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0}
_HOURS |= {"second": 1 / 3600, "minute": 1 / 60, "hour": 1.0, "day": 24.0, "week": 168.0}
_HOURS |= {f"{unit}s": hours for unit, hours in _HOURS.items() if len(unit) > 3}

VOLUME_FORM = "volume=200/day (per hour, day, week, month or year)"
DEADLINE_FORM = "deadline=1h (s, min, h, d or w)"


@record(frozen=True, slots=True)
class Ignore:
    """A suppression. `codes` are codes, prefixes of codes, or names of rules; `None` means every rule."""

    codes: tuple[str, ...] | None
    whole_file: bool
    reason: str = ""


@record(frozen=True, slots=True)
class Declaration:
    """Declared facts about a workload.

    `volume` is in calls per day, `amount` in calls per declared period, such as a week. `deadline` is the number of hours
    until the answers are needed. `waits` is `yes`, `no`, or empty if not declared. `one_off`: the job runs once.
    """

    volume: float | None = None
    amount: float | None = None
    deadline: float | None = None
    one_off: bool = False
    waits: str = ""
    reason: str = ""

    def over(self, other: Declaration) -> Declaration:
        """Return these facts, completed by those of `other`."""
        mine = self if self.volume is not None else other
        deadline = other.deadline if self.deadline is None else self.deadline
        one_off, waits = self.one_off or other.one_off, self.waits or other.waits
        return Declaration(mine.volume, mine.amount, deadline, one_off, waits, self.reason or other.reason)


@record(frozen=True, slots=True)
class Mistake:
    """A malformed directive. `problem` says what is wrong and what to write instead; it follows the quoted directive."""

    problem: str


Directive: TypeAlias = Ignore | Declaration | Mistake


def parse(body: str) -> Directive:
    """Parse the text after `# surfacelint:` in a comment."""
    text = body.strip()
    found = _REASON.search(text)
    reason = found["reason"].strip() if found else ""
    if found:
        text = text[: found.start()].strip()
    if not text:
        return Mistake("is empty; write ignore[SRF101], ignore-file[SRF101], or a fact such as volume=200/day")
    if re.match(r"ignore(?:-file)?(?![\w-])", text):
        return _ignore(text, reason)
    return _declaration(text, reason)


def _ignore(text: str, reason: str) -> Directive:
    found = _IGNORE.match(text)
    assert found is not None
    rest, file = found["rest"], found["file"] or ""
    if rest.startswith("[") or (rest and _CODE.match(rest.lstrip("=:(,").strip())):
        meant = ", ".join(re.findall(r"[A-Za-z][\w-]*", rest))
        return Mistake(f"is malformed; write ignore{file}[{meant}]")
    if rest[:1] in ("=", ":", "("):
        return Mistake(f"is malformed; write ignore{file}[SRF101]")
    if found["codes"] is None:
        return Ignore(None, bool(file), reason or rest)
    codes = tuple(code for code in re.split(r"[,\s]+", found["codes"]) if code)
    if not codes:
        return Mistake(f"names no rule; write ignore{file}[SRF101], or ignore{file} for every rule")
    return Ignore(codes, bool(file), reason or rest)


def _declaration(text: str, reason: str) -> Directive:
    facts: dict[str, str] = {}
    for item in re.split(r"\s*[,;]\s*|\s+(?=[a-z])", text):
        name, equals, value = (part.strip() for part in item.partition("="))
        if name not in FACTS:
            found = _WORD.match(name)
            word = found.group() if found else name
            return Mistake(f"has an unknown word {word!r}; {suggestion(word, (IGNORE, IGNORE_FILE, *FACTS))}")
        if bool(equals) != (name in ("volume", "deadline")):
            return Mistake(f"is malformed; write {_form(name)}")
        if facts.setdefault(name, value) != value:
            return Mistake(f"declares {name} twice")
    return declare(facts, reason)


def declare(facts: dict[str, str], reason: str = "") -> Declaration | Mistake:
    """Return the declaration of facts given by name. The values of facts without a value are ignored."""
    volume, amount = per_day(facts["volume"]) if "volume" in facts else (None, None)
    deadline = hours(facts["deadline"]) if "deadline" in facts else None
    for name, value in (("volume", volume), ("deadline", deadline)):
        if name in facts and value is None:
            return Mistake(f"has an invalid {name} {facts[name]!r}; write {_form(name)}")
    if "user-waits" in facts and "background" in facts:
        return Mistake("declares both user-waits and background, which exclude each other")
    waits = "yes" if "user-waits" in facts else "no" if "background" in facts else ""
    return Declaration(volume, amount, deadline, "one-off" in facts, waits, reason)


def per_day(text: str) -> tuple[float, float] | tuple[None, None]:
    """Parse a volume such as `200/day` or `5k/week` to calls per day and the number as written; `(None, None)` if malformed."""
    found = _AMOUNT.fullmatch(text.strip())
    unit = None if found is None else _PER_DAY.get(found["unit"])
    if found is None or unit is None:
        return None, None
    amount = float(found["number"].replace("_", "")) * (1000 if found["thousand"] else 1)
    return amount * unit, amount


def hours(text: str) -> float | None:
    """Parse a duration such as `1h` or `30 min` to hours; `None` if malformed."""
    found = _SPAN.fullmatch(text.strip())
    unit = None if found is None else _HOURS.get(found["unit"])
    return None if found is None or unit is None else float(found["number"]) * unit


def _form(name: str) -> str:
    return {"volume": VOLUME_FORM, "deadline": DEADLINE_FORM}.get(name, f"{name} alone")
