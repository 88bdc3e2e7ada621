"""What travels to a worker and back: JSON text, because a worker may be another machine."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from surfacelint.system.records import record


@record(frozen=True, slots=True)
class ReviewOptions:
    """The options of a run that hold for each repository.

    - `layers`: settings from the command line, by their keys in TOML, with the place that messages name. The last one wins.
    - `isolated`: whether the settings in the repositories are ignored.
    - `numbers`: items, seconds per call, and tokens that are stated for all, by the fields of `review.stated_volumes.Stated`.
    - `seconds`, `megabytes`: the limits for one repository.
    - `epoch`: SOURCE_DATE_EPOCH, empty if it is not set.
    """

    layers: list[tuple[str, dict[str, Any]]]
    isolated: bool
    numbers: dict[str, float | None]
    seconds: float
    megabytes: int
    epoch: str = ""


@record(frozen=True, slots=True)
class Task:
    """One repository to review. `known` is the commit whose review is kept, empty without one. The address may contain a password."""

    address: str
    revision: str
    name: str
    known: str
    generator: str
    options: ReviewOptions

    def to_text(self) -> str:
        """Return the task as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Task:
        """Return the task in a JSON text of `to_text`."""
        values = json.loads(text)
        options = ReviewOptions(**values.pop("options"))
        return cls(**values, options=options)


@record(frozen=True, slots=True)
class Answer:
    """The JSON document of the review of a commit, empty if that of the `known` commit still holds; or why there is none."""

    commit: str = ""
    review: str = ""
    failure: str = ""

    def to_text(self) -> str:
        """Return the answer as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Answer:
        """Return the answer in a JSON text of `to_text`."""
        return cls(**json.loads(text))
