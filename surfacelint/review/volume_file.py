"""The volume file: what people state about workloads, by identity, in a TOML file that is kept in the repository.

Updating it only appends tables for workloads that have none. Everything that is in it stays as it is.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from surfacelint.config import ConfigError, parse_toml
from surfacelint.config.toml_lines import line_of
from surfacelint.facts.comment_directives import DEADLINE_FORM, hours, per_day
from surfacelint.project.file_discovery import display_path
from surfacelint.review import row_texts
from surfacelint.review.records import ReviewedWorkload
from surfacelint.review.stated_volumes import DAYS_PER_MONTH, Stated
from surfacelint.system.did_you_mean import suggestion
from surfacelint.system.printable_text import one_line
from surfacelint.system.records import record
from surfacelint.system.safe_reading import InputError, MissingInputError, read_text

DEFAULT_NAME = "surfacelint-volumes.toml"
TABLE = "workloads"

LARGEST = 16_000_000
"""The maximum size of a volume file in bytes."""

_NUMBERS = {"items": "items", "seconds-per-call": "seconds_per_call", "input-tokens": "input_tokens", "output-tokens": "output_tokens"}
_RATES = {"runs": "runs_per_month", "volume": "calls_per_month"}
_KEYS = (*_NUMBERS, *_RATES, "deadline", "one-off", "reviewed", "note")

_HEAD = """\
# Volumes of LLM workloads, for `surfacelint review`. Remove the # before what you know, and set `reviewed` to the date.
# `surfacelint review --write-volumes` adds new workloads at the end and changes nothing else.
#
#   items = 10_000           items of one run
#   runs = "1/day"           runs per hour, day, week, month or year
#   volume = "10k/day"       calls, if you know them rather than items and runs
#   deadline = "12h"         when the answers are needed: s, min, h, d or w
#   one-off = true           the job runs once
#   seconds-per-call = 3     one realtime call
#   input-tokens = 800       tokens of one call
#   output-tokens = 200
#   reviewed = 2026-11-29    when a person last looked at this
#   note = "…"               anything
"""


@record(frozen=True, slots=True)
class VolumeFile:
    """A volume file: its path, its text, and what it states by identity."""

    path: Path
    text: str
    stated: Mapping[str, Stated]

    @property
    def shown(self) -> str:
        """The path, as users see it."""
        return display_path(self.path)

    def unknown(self, ids: Iterable[str]) -> Iterator[str]:
        """Yield a warning for each table whose identity is not among those of the workloads."""
        known = frozenset(ids)
        for id_ in self.stated:
            if id_ not in known:
                yield f"{_place(self.shown, self.text, TABLE, id_)}: there is no workload {id_}: it was removed, or its call was changed"

    def addition(self, rows: Iterable[ReviewedWorkload]) -> tuple[str, int]:
        """Return what to append to the text, a table for each of the rows that has none, and the number of these."""
        new = [row for row in rows if row.id not in self.stated]
        start = _HEAD if not self.text else "" if self.text.endswith("\n") else "\n"
        return (start + "".join(map(_entry, new)) if new else ""), len(new)


def read(path: Path, *, required: bool) -> VolumeFile:
    """Read a volume file. Without one, nothing is stated, unless it is `required`. Raises ConfigError."""
    shown = display_path(path)
    try:
        text = read_text(path, LARGEST)
    except MissingInputError as error:
        if required:
            raise ConfigError(f"{shown}: {error}; create it with `surfacelint review --write-volumes`") from None
        return VolumeFile(path, "", {})
    except InputError as error:
        raise ConfigError(f"{shown}: {error}") from None
    document = parse_toml(text, shown)
    for key in document:
        if key != TABLE:
            raise ConfigError(f"{_place(shown, text, '', key)}: unknown key {key!r}; {suggestion(key, (TABLE,))}")
    tables = document.get(TABLE, {})
    if not isinstance(tables, dict):
        raise ConfigError(f"{_place(shown, text, '', TABLE)}: {TABLE!r} must be a table of tables, such as [{TABLE}.0123456789ab]")
    return VolumeFile(path, text, {id_: _stated(table, id_, shown, text) for id_, table in tables.items()})


def _stated(table: object, id_: str, shown: str, text: str) -> Stated:
    """Return what a table states. Raises ConfigError."""
    if not isinstance(table, dict):
        raise ConfigError(f"{_place(shown, text, TABLE, id_)}: {id_!r} must be a table, such as [{TABLE}.{id_}]")
    found: dict[str, Any] = {}
    for key, value in table.items():
        place = _place(shown, text, f"{TABLE}.{id_}", key)
        if key not in _KEYS:
            raise ConfigError(f"{place}: unknown key {key!r}; {suggestion(key, _KEYS)}")
        problem = _read(key, value, found)
        if problem:
            raise ConfigError(f"{place}: {key!r} must be {problem}, not {value!r}")
    return Stated(shown, **found)


def _read(key: str, value: object, found: dict[str, Any]) -> str:
    """Add a value to the `found` ones. Returns what was expected instead, or an empty string."""
    if key in _NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            return "a number of at least 0"
        found[_NUMBERS[key]] = float(value)
    elif key in _RATES:
        daily, _ = per_day(value) if isinstance(value, str) else (None, None)
        if daily is None:
            return 'a number per hour, day, week, month or year, such as "200/day"'
        found[_RATES[key]] = daily * DAYS_PER_MONTH
    elif key == "deadline":
        found["deadline_hours"] = hours(value) if isinstance(value, str) else None
        return "" if found["deadline_hours"] is not None else f'a duration, such as "{DEADLINE_FORM.partition("=")[2].partition(" ")[0]}"'
    elif key == "one-off":
        found["one_off"] = value
        return "" if isinstance(value, bool) else "true or false"
    elif key == "reviewed":
        if not isinstance(value, datetime.date):
            return "a date without quotes, such as 2026-11-29"
        found["reviewed"] = (value.date() if isinstance(value, datetime.datetime) else value).isoformat()
    return ""


def _place(shown: str, text: str, table: str, key: str) -> str:
    line = line_of(text, table, key)
    return shown if line is None else f"{shown}:{line}"


def _entry(row: ReviewedWorkload) -> str:
    """Return the table of a workload of which nothing is stated yet. Its comment says which one it is."""
    what = one_line(f"`{row.call}` in `{row.function}`, {row_texts.place(row)}: {row.repetition.text}")
    volume = "" if row.volume.kind == "unknown" else f"\n# {row_texts.volume(row)}"
    asked = ("items", "runs") if row.repetition.kind != "once" else ("volume",)
    return f"\n[{TABLE}.{row.id}]\n# {what}{volume}\n" + "".join(f"# {key} = \n" for key in (*asked, "reviewed"))
