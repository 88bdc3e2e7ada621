"""Keeps the review of each repository in a folder, so that a run that was killed does only what is missing.

A file is a review in JSON, as `surfacelint review --output-format json` writes it, with one more key, `source`: which commit of which
repository it is of, and with which options it was made. Files that are damaged or of something else count as missing.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from surfacelint.review.fleet.repository_list import ListedRepository
from surfacelint.review.fleet.tasks import ReviewOptions
from surfacelint.review.json_document import LARGEST, from_text
from surfacelint.review.records import Review
from surfacelint.system.file_writing import replace_file
from surfacelint.system.records import record
from surfacelint.system.safe_reading import InputError, read_text

SOURCE = "source"


class KeepingError(Exception):
    """A review cannot be kept. The text is one sentence."""


@record(frozen=True, slots=True)
class KeptReview:
    """A review, and the commit that it is of."""

    commit: str
    review: Review


class KeptResults:
    """The folder with the reviews that were made with some options and one version of surfacelint, the `generator`."""

    def __init__(self, folder: Path, options: ReviewOptions, generator: str) -> None:
        """Create the folder if it does not exist. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self._megabytes = options.megabytes
        self._folder = folder.resolve()
        self._options = _digest([options.layers, options.isolated, options.numbers, generator])

    def find(self, repository: ListedRepository) -> KeptReview | None:
        """Return the review that is kept of a repository, `None` without one."""
        try:
            text = read_text(self._place(repository), LARGEST)
            document = json.loads(text)
            review, source = from_text(text), document[SOURCE]
            # What is missing in a review may be there if more memory is allowed.
            megabytes = source["megabytes"] if review.complete else self._megabytes
            if source != self._source(repository, source["commit"], megabytes):
                return None
            return KeptReview(str(source["commit"]), review)
        except (InputError, ValueError, LookupError, TypeError, RecursionError):
            return None

    def keep(self, repository: ListedRepository, commit: str, review: str) -> Review:
        """Keep the JSON document of a review in place of an earlier one, and return the review. Raises InputError, KeepingError."""
        made = from_text(review)
        document = {SOURCE: self._source(repository, commit, self._megabytes), **json.loads(review)}
        try:
            replace_file(self._place(repository), (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode())
        except OSError as error:
            raise KeepingError(f"{self._folder}: a review cannot be written: {error.strerror or error}") from None
        return made

    def _place(self, repository: ListedRepository) -> Path:
        readable = re.sub(r"[^A-Za-z0-9_-]+", "-", repository.name)[:60].strip("-")
        digest = _digest([repository.visible, repository.revision, repository.name])[:12]
        return self._folder / f"{readable or 'repository'}-{digest}.json"

    def _source(self, repository: ListedRepository, commit: str, megabytes: int) -> dict[str, str | int]:
        address, revision = repository.visible, repository.revision
        return {"address": address, "revision": revision, "commit": commit, "options": self._options, "megabytes": megabytes}


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
