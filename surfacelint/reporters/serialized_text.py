"""JSON that every parser accepts, even if file names contain bytes that are not valid UTF-8."""

from __future__ import annotations

import json
from typing import Any

from surfacelint.system.printable_text import unicode


def to_json(document: Any, indent: int | None = 2) -> str:
    """Return a document as JSON in ASCII, so that control and direction characters are escaped."""
    text = json.dumps(document, indent=indent)
    return json.dumps(_valid(document), indent=indent) if "\\ud" in text else text


def _valid(value: Any) -> Any:
    if isinstance(value, str):
        return unicode(value)
    if isinstance(value, dict):
        return {_valid(key): _valid(inner) for key, inner in value.items()}
    return [_valid(inner) for inner in value] if isinstance(value, (list, tuple)) else value
