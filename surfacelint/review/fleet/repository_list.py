"""The list of repositories to review: a text file with an address per line, and optionally a revision and a name.

Addresses may contain passwords. Only `visible` parts of an address go into messages and results.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from surfacelint.review.repository_names import name_in_address
from surfacelint.system.records import record
from surfacelint.system.safe_reading import InputError, read_text

LARGEST = 10_000_000
"""The maximum size of a list in bytes."""

_FIELD = re.compile(r'"(?P<quoted>[^"]*)"|(?P<plain>\S+)')
_URL = re.compile(
    r"(?P<scheme>https?|ssh|git|file)://(?:(?P<user>[^/]*)@)?(?P<host>[\w.-]*|\[[0-9a-fA-F:.]+\])(?P<port>:\d+)?(?P<path>/[^@]*)"
    r"(?:@(?P<revision>.*))?"
)
_SSH = re.compile(r"(?P<host>[\w.-]+@[\w.-]+):(?P<path>[^@:]+)(?:@(?P<revision>.*))?")
_PATH = re.compile(r"(?P<path>[^@]+)(?:@(?P<revision>.*))?")
_REVISION = re.compile(r"(?!-)(?!.*\.\.)[^\s~^:?*\[\\@\x00-\x20\x7f]+")


@record(frozen=True, slots=True)
class ListedRepository:
    """One line of a list.

    - `address`: what git fetches from, perhaps with a password. `visible` is the same without user, password and query.
    - `revision`: a branch, tag or full commit, empty for the branch that the repository names.
    - `name`: the name in the review, unique in the list.
    """

    address: str
    visible: str
    revision: str
    name: str

    def redacted(self, text: str) -> str:
        """Return a text without the secrets in the address, also where programs repeat it in other words."""
        text = text.replace(self.address, self.visible)
        for secret in _secrets(self.address):
            text = text.replace(secret, "***")
        return re.sub(r"(?<=://)[^/\s@]*@", "", text)


def read_list(path: Path) -> tuple[ListedRepository, ...]:
    """Return the repositories in a list. Relative paths in it start at its folder. Raises InputError."""
    text = read_text(path, LARGEST, pipe=True)
    folder = path.parent if path.is_file() else Path.cwd()
    found: dict[str, tuple[int, ListedRepository]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        fields = [each["plain"] or each["quoted"] for each in _fields(line)]
        if not fields:
            continue
        try:
            repository = _repository(fields, folder)
        except InputError as error:
            raise InputError(f"line {number}: {error}") from None
        if repository.name in found:
            first = found[repository.name][0]
            raise InputError(f"line {number}: named {repository.name!r} as in line {first}; add another name after the address")
        found[repository.name] = (number, repository)
    if not found:
        raise InputError("lists no repositories; write one address per line")
    return tuple([repository for _, repository in found.values()])


def _fields(line: str) -> Iterator[re.Match[str]]:
    """Yield the fields of a line up to a comment."""
    for field in _FIELD.finditer(line):
        if field[0].startswith("#"):
            return
        yield field


def _repository(fields: list[str], folder: Path) -> ListedRepository:
    """Return the repository that the fields of a line name. Raises InputError without repeating the address, which may hold a password."""
    if len(fields) > 2:
        raise InputError("has more than an address and a name; put a path with spaces in quotes")
    address = fields[0]
    if address.startswith("-") or not address.isprintable():
        raise InputError("is not an address")
    if "://" in address:
        found, wrong = _URL.fullmatch(address), "is not a URL such as https://host/owner/name; write @ and / in a password as %40 and %2F"
    elif "::" in address:
        raise InputError("names a transport helper of git, which is not allowed; use https, ssh or a path")
    else:
        found, wrong = _SSH.fullmatch(address) or _PATH.fullmatch(address), "is not a path; an @ begins the revision"
    if found is None:
        raise InputError(wrong)
    parts = found.groupdict()
    revision = parts["revision"]
    if revision is not None and not _REVISION.fullmatch(revision):
        raise InputError("has no valid revision after the @; write a branch, a tag or a full commit")
    if parts.get("scheme"):
        plain, visible = _url(parts)
    elif parts.get("host"):
        plain = visible = f"{parts['host']}:{parts['path']}"
    else:
        plain = visible = os.path.abspath(folder / os.path.expanduser(parts["path"]))  # noqa: PTH100, PTH111 - neither raises
    name = fields[1] if len(fields) == 2 else _name(visible)
    if not name or not name.isprintable():
        raise InputError("has no name; add one after the address")
    return ListedRepository(plain, visible, revision or "", name)


def _url(parts: dict[str, str]) -> tuple[str, str]:
    """Return a URL for git, and one to show, from its parts. Raises InputError."""
    place = f"{parts['host']}{parts['port'] or ''}"
    if not parts["host"] and parts["scheme"] != "file":
        raise InputError("names no host")
    user = f"{parts['user']}@" if parts["user"] else ""
    visible = re.split(r"[?#]", parts["path"])[0]
    return f"{parts['scheme']}://{user}{place}{parts['path']}", f"{parts['scheme']}://{place}{visible}"


def _name(visible: str) -> str:
    if not visible.startswith("file:"):
        known = name_in_address(visible)
        if known:
            return known
    last = Path(unquote(visible)).name
    folder = Path(visible).parent.name if last == ".git" else last
    return folder.removesuffix(".git")


def _secrets(address: str) -> Iterator[str]:
    """Yield the parts of an address that must not be shown, as written and decoded, the longest first.

    These are the password, a user without one, which is then a token, and the query.
    """
    found = _URL.fullmatch(address)
    if found is None:
        return
    user, _, password = (found["user"] or "").partition(":")
    query = re.split(r"[?#]", found["path"], maxsplit=1)[1:]
    token = password or (user if found["scheme"].startswith("http") else "")
    texts = {text for part in (token, *query) for text in (part, unquote(part))}
    yield from sorted(filter(None, texts), key=len, reverse=True)
