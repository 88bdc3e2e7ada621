"""What a vendor's handler reads and returns: a request and a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jobs import Books


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request. `path` begins behind the vendor's base URL, which is `base`."""

    method: str
    path: str
    base: str
    content: bytes
    content_type: str

    @property
    def body(self) -> dict[str, Any]:
        """The JSON of the content, empty where there is none."""
        loaded: dict[str, Any] = json.loads(self.content) if self.content else {}
        return loaded

    def upload(self) -> bytes:
        """The file in a form of several parts."""
        boundary = b"--" + self.content_type.split("boundary=")[1].strip('"').encode()
        for part in self.content.split(boundary):
            head, _, tail = part.partition(b"\r\n\r\n")
            if b'name="file"' in head:
                return tail.removesuffix(b"\r\n")
        return b""


@dataclass(frozen=True, slots=True)
class Page:
    """An HTTP response."""

    content: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Books, Request], "Page | None"]


def page(payload: object, status: int = 200) -> Page:
    """A page of JSON."""
    return Page(json.dumps(payload).encode(), status)


def lines(entries: list[dict[str, Any]]) -> bytes:
    """JSON lines."""
    return "".join(json.dumps(entry) + "\n" for entry in entries).encode()
