"""The name of a repository: owner and name from the address of its remote `origin`, otherwise the name of its folder."""

from __future__ import annotations

import re
from pathlib import Path

from surfacelint.system.safe_reading import InputError, read_text

SETTINGS = ".git/config"
"""Where git keeps the address of the remote."""

LARGEST = 1_000_000
"""The maximum size of git's settings in bytes."""

_ORIGIN = re.compile(r'^\s*\[remote "origin"\]\s*$(?P<body>(?:\n(?!\s*\[).*)*)', re.MULTILINE)
_URL = re.compile(r"^\s*url\s*=\s*(?P<url>\S+)\s*$", re.MULTILINE)
_PARTS = re.compile(r"(?P<name>[^/:@]+/[^/:@]+?)(?:\.git)?/?")


def repository_name(root: Path) -> str:
    """Return the name of the repository at `root`. It contains no host, user or password."""
    try:
        origin = _ORIGIN.search(read_text(root / SETTINGS, LARGEST))
    except InputError:
        origin = None
    url = None if origin is None else _URL.search(origin["body"])
    return name_in_address("" if url is None else url["url"]) or root.name or "repository"


def name_in_address(address: str) -> str:
    """Return the owner and name in the address of a repository on a server, without host, user or password. Empty if there is none."""
    if "://" in address or re.match(r"[\w.-]+@[\w.-]+:", address):
        parts = _PARTS.fullmatch("/".join(address.rpartition(":")[2].strip("/").split("/")[-2:]))
        if parts is not None:
            return parts["name"]
    return ""
