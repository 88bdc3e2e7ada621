"""The places that repeat the version or an address of `surfacelint/system/version.py`, and how they follow it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from surfacelint.system.version import HOMEPAGE, REPOSITORY, __version__

MARKDOWN = ("README.md", "docs/**/*.md", "editors/*/README.md")
"""Where users find snippets to copy."""

OWNER_AND_NAME = urlsplit(REPOSITORY).path.strip("/")
"""What GitHub calls the repository in `uses:`."""

_VERSION = r"(\d[\w.]*\w)"
_ADDRESS = r"(https?://[^\s\"'`]+?)"


@dataclass(frozen=True, slots=True)
class Place:
    """Where files repeat a `fact`: the first group of each match of `pattern` in the `files`, which are globs."""

    files: tuple[str, ...]
    pattern: str
    fact: str


PLACES = (
    Place(MARKDOWN, rf"\bsurfacelint@v{_VERSION}", __version__),
    Place(MARKDOWN, rf"repo: \S+/surfacelint\b.*\n\s+rev: v{_VERSION}", __version__),
    Place(MARKDOWN, rf"\bsurfacelint-{_VERSION}\.(?:vsix|tar\.gz)", __version__),
    Place(MARKDOWN, r"uses: (\S+/surfacelint)@", OWNER_AND_NAME),
    Place(MARKDOWN, r"repo: (https?://\S+/surfacelint)\b", REPOSITORY),
    Place(MARKDOWN, r"\bgit\+(https?://\S+/surfacelint)@", REPOSITORY),
    Place(("pyproject.toml",), rf'^Documentation = "{_ADDRESS}"', HOMEPAGE),
    Place(("pyproject.toml",), rf'^(?:Source|Issues|Changelog) = "{_ADDRESS}(?:/issues|/blob/main/CHANGELOG\.md)?"', REPOSITORY),
    Place(("pyproject.toml",), rf"{_ADDRESS}/(?:raw|blob)/v\$HFPR_VERSION/", REPOSITORY),
    Place(("editors/vscode/package.json",), rf'^  "version": "{_VERSION}"', __version__),
    Place(("editors/vscode/package.json",), rf'^  "homepage": "{_ADDRESS}"', HOMEPAGE),
    Place(("editors/vscode/package.json",), rf'^    "url": "{_ADDRESS}(?:\.git|/issues)?"', REPOSITORY),
    Place(("editors/vscode/package-lock.json",), rf'"name": "surfacelint",\n +"version": "{_VERSION}"', __version__),
    Place((".github/ISSUE_TEMPLATE/config.yml",), rf"name: Vulnerability\n +url: {_ADDRESS}/security/", REPOSITORY),
    Place((".github/ISSUE_TEMPLATE/config.yml",), rf"name: Documentation\n +url: {_ADDRESS}$", HOMEPAGE),
    Place(("CHANGELOG.md",), rf"^\[[^\]]+\]: {_ADDRESS}/(?:releases/tag|compare)/", REPOSITORY),
    Place(("CHANGELOG.md",), rf"^\[Unreleased\]: \S+/v{_VERSION}\.\.\.HEAD", __version__),
)


def followed(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield each file below `root` that does not repeat the facts, and its correct text. Raises ValueError for a place that is gone."""
    texts: dict[Path, str] = {}
    for place in PLACES:
        found = 0
        for file in sorted(file for glob in place.files for file in root.glob(glob)):
            text = texts.get(file) or file.read_text(encoding="utf-8")
            texts[file], number = re.subn(place.pattern, partial(_with, place.fact), text, flags=re.MULTILINE)
            found += number
        if not found:
            raise ValueError(f"{', '.join(place.files)}: nothing matches {place.pattern!r}; correct PLACES in scripts/releasing/places.py")
    yield from ((file, text) for file, text in texts.items() if text != file.read_text(encoding="utf-8"))


def _with(fact: str, match: re.Match[str]) -> str:
    """Return the matched text with `fact` in place of the first group."""
    start, end = match.start(1) - match.start(), match.end(1) - match.start()
    return f"{match[0][:start]}{fact}{match[0][end:]}"
