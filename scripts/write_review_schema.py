"""Writes the JSON Schema of the review document from its records."""

from __future__ import annotations

from pathlib import Path

from surfacelint.review.json_document import SCHEMA_NAME, schema

PLACE = Path(__file__).parents[1] / "surfacelint" / "review" / SCHEMA_NAME


def main() -> None:
    """Write the schema."""
    PLACE.write_text(schema(), encoding="utf-8")


if __name__ == "__main__":
    main()
