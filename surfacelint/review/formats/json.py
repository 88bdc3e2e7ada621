"""The `json` format: the document that `review.schema.json` describes."""

from __future__ import annotations

from surfacelint.review.json_document import to_text
from surfacelint.review.records import Review


def json(review: Review) -> str:
    """Return the JSON document of a review."""
    return to_text(review)
