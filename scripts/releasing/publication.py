"""What has to be true before a version is published: its tag, its changelog, its addresses, and a checkout without changes."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from surfacelint.system.version import HOMEPAGE, REPOSITORY, __version__

_RESERVED = ("example", "example.com", "example.net", "example.org", "invalid", "localhost", "test")
"""Names of hosts that no project can have (RFC 2606)."""


def obstacles(root: Path, tag: str, homepage: str = HOMEPAGE, repository: str = REPOSITORY) -> Iterator[str]:
    """Yield one line for each reason not to publish the checkout at `root` under a tag."""
    for name, address in (("HOMEPAGE", homepage), ("REPOSITORY", repository)):
        if is_placeholder(address):
            yield f"surfacelint/system/version.py: {name} is the placeholder {address}: set it, then run scripts/write_release.py"
    if tag != f"v{__version__}":
        yield f"the tag {tag} is not that of version {__version__}: use v{__version__}, or change surfacelint/system/version.py"
    if release_notes((root / "CHANGELOG.md").read_text(encoding="utf-8"), __version__) is None:
        yield f"CHANGELOG.md: has no heading `## [{__version__}] - YYYY-MM-DD` with notes below it"
    changes = subprocess.run(("git", "status", "--porcelain"), cwd=root, capture_output=True, encoding="utf-8", check=False)
    if changes.returncode or changes.stdout:
        yield f"{root}: is not a git checkout without changes: commit or remove them"


def is_placeholder(address: str) -> bool:
    """Whether an address cannot be that of a project."""
    host = urlsplit(address).hostname or "invalid"
    return any(f".{host}".endswith(f".{name}") for name in _RESERVED)


def release_notes(changelog: str, version: str) -> str | None:
    """Return the notes of a dated version, or `None` if there are none."""
    heading = rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |^\[[^\]]+\]: |\Z)"
    found = re.search(heading, changelog, re.MULTILINE | re.DOTALL)
    return found[1].strip() or None if found else None
