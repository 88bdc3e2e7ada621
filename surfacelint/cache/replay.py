"""Answers of whole runs: what a command printed, to be printed again as long as all that it rests on is as it was.

An answer is looked up before anything of a command is imported, by the command line, and lies in the cache of the project:

    .surfacelint_cache/answers/<name>

    surfacelint answer <version> <checksum of what follows> <inode> <time>
    <length of the key> <of the paths> <of the stamps> <of the listings> <of what was said> <exit code>
    key, paths, stamps, listings, what was said

It names the inode and the time of its own file, so that a copy is none: nobody's archive or repository can say that code is clean. What is
damaged or of another shape is not there.
"""

from __future__ import annotations

import os
import sys
import time
from array import array
from zlib import crc32

from surfacelint.cache import marked_folder
from surfacelint.system.file_dependencies import NOTHING, Basis, checksum
from surfacelint.system.git import listing
from surfacelint.system.safe_reading import InputError, read_regular

TYPE_CHECKING = False  # That of `typing`, which would take longer to import than all of this.

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FOLDER = ".surfacelint_cache"
SETTINGS = ("surfacelint.toml", "pyproject.toml")
"""The files that may name another folder."""

VARIABLE = "SURFACELINT_CACHE_DIR"
"""The environment variable that names another folder, as the option does."""

PLACE = "answers"
"""The folder in the cache."""

MOST_ANSWERS = 16
"""Command lines that are remembered in one cache: the latest ones."""

LARGEST_SETTINGS = 1_000_000
"""Bytes beyond which nothing is looked for in a file of settings."""

LARGEST_ANSWER = 64_000_000
"""Bytes beyond which an answer is not ours."""

INCOMPLETE = 2
"""The exit code for what could not be printed."""

SPLIT = 2_000
"""Places of which a second process looks at half."""

_MAGIC = b"surfacelint answer 1"
_DIGITS = 8

_ENVIRONMENT = ("NO_COLOR", "FORCE_COLOR", "TERM", "CI", "HOME", "PYTHONIOENCODING", "PYTHONUTF8", "LC_ALL", "LC_CTYPE", "LANG", VARIABLE)
"""Variables on which it depends what is printed, or where it is kept."""


_asked: list[bytes] = []
"""The key of what this process was started with."""


def repeat(arguments: Sequence[str]) -> int | None:
    """Print what the same command line printed before, and return its exit code; `None` where that may not hold any more."""
    wanted = key(arguments)
    _asked.append(wanted)
    found = find(arguments, wanted)
    if found is None:
        return None
    said, code = found
    printed = _said(said)
    return None if printed is None else code if printed else INCOMPLETE


def find(arguments: Iterable[str], wanted: bytes) -> tuple[bytes, int] | None:
    """Return what was said to the `wanted` key, and the exit code; `None` where that may not hold any more.

    Among the `arguments` are the paths at or above which the cache is.
    """
    if os.name != "posix":
        return None  # Windows has no time that nobody can set back.
    name = _name(wanted)
    answers = (_read(f"{folder}/{PLACE}/{name}", wanted) for folder in _places(arguments))
    return next((answer for answer in answers if answer is not None), None)


def keep(folder: str, basis: Basis, said: Sequence[tuple[int, bytes]], code: int, started: int, given: bytes = b"") -> None:
    """Keep an answer in the cache `folder`, if it is there: what was `said`, by file descriptor, in order. Raises nothing.

    It is that to the `given` key, or to what this process was started with: there is none where `surfacelint.startup` did not start it.
    It is not kept where it need not hold: what it rests on was new when the run `started`, in nanoseconds, or has changed since.
    """
    now = time.time_ns()
    if os.name != "posix" or not (given or _asked) or not basis.lasting:
        return
    if any(b"\0" in text for _, text in said) or not basis.is_settled(started, now):
        return
    wanted = given or _asked[-1]
    paths = b"\0".join(map(os.fsencode, basis.places))
    stamps = array("q", [number for stamp in basis.places.values() for number in stamp]).tobytes()
    listings = b"\0".join(b"%s\0%d" % (os.fsencode(directory), sum_) for directory, sum_ in basis.listings.items())
    parts = (wanted, paths, stamps, listings, b"\0".join(b"%d%s" % each for each in said))
    lengths = b" ".join(b"%d" % len(part) for part in parts)
    rest = b"%s %d\n%s" % (lengths, code, b"".join(parts))
    _write(folder, _name(wanted), rest, now)


def key(arguments: Iterable[str]) -> bytes:
    """Return all that an answer depends on beside the file system."""
    here = os.getcwd()  # noqa: PTH109 - pathlib would take longer to import than all of this
    said = [f"{name}={os.environ.get(name)}" for name in _ENVIRONMENT]
    return os.fsencode("\0".join((sys.version, sys.executable, here, str(os.isatty(1)), str(os.isatty(2)), *said, *arguments)))


def _name(key: bytes) -> str:
    return f"{crc32(key):0{_DIGITS}x}"


def _places(arguments: Iterable[str]) -> Iterator[str]:
    """Yield the folders in which an answer may lie: caches that are named, and those at or above what is to be checked.

    A folder that holds none costs a look, so that a guess will do.
    """
    named = os.environ.get(VARIABLE)
    if named:
        yield named
    seen: set[str] = set()
    for argument in ("", *arguments):
        path = os.path.abspath(argument.rpartition("=")[2] if argument.startswith("-") else argument)  # noqa: PTH100
        while path not in seen:
            seen.add(path)
            yield f"{path}/{FOLDER}"
            if argument:
                yield path
            for name in SETTINGS:
                yield from _named(path, name)
            path = os.path.dirname(path)  # noqa: PTH120


def _named(folder: str, name: str) -> Iterator[str]:
    """Yield what a file of settings may name as the cache, in the plain spelling of TOML that everybody uses.

    What it extends is not looked at: then the run is done anew, with the facts that are kept.
    """
    try:
        data = read_regular(f"{folder}/{name}", LARGEST_SETTINGS)
    except (OSError, ValueError, InputError):
        return
    for line in data.splitlines() if b"cache-dir" in data else ():
        key, _, value = line.partition(b"=")
        value = value.strip()
        if key.strip().endswith(b"cache-dir") and value[:1] in (b'"', b"'"):
            given = value[1:].partition(value[:1])[0].decode("utf-8", "replace")
            yield os.path.normpath(os.path.join(folder, given))  # noqa: PTH118


def _read(path: str, key: bytes) -> tuple[bytes, int] | None:
    """Return what was said and the exit code, if the answer at a path is whole, is one to `key`, and still holds."""
    try:
        data, status = marked_folder.read(path, LARGEST_ANSWER)
        head, _, rest = data.partition(b"\n")
        if status.st_uid != os.geteuid() or head != b"%s %d %d %d" % (_MAGIC, crc32(rest), status.st_ino, status.st_mtime_ns):
            return None
        lengths, _, body = rest.partition(b"\n")
        *sizes, code = map(int, lengths.split())
        parts = []
        for size in sizes:
            parts.append(body[:size])
            body = body[size:]
        found, paths, stamps, listings, said = parts
        return (said, code) if found == key and _holds(paths, stamps, listings) else None
    except (OSError, ValueError):
        return None


def _holds(paths: bytes, stamps: bytes, listings: bytes) -> bool:
    """Say whether all is as it was. Raises ValueError for what is no answer, OSError where there cannot be a second process."""
    places = paths.split(b"\0")
    middle = len(places) // 2 if len(places) > SPLIT else len(places)
    process = os.fork() if middle < len(places) else -1
    if not process:
        os._exit(0 if _are_so(places[middle:], stamps[32 * middle :]) else 1)
    same = _are_so(places[:middle], stamps[: 32 * middle])
    if process > 0:
        same = os.waitpid(process, 0)[1] == 0 and same
    words = listings.split(b"\0") if listings else []
    return same and all(checksum(listing(os.fsdecode(place))) == int(sum_) for place, sum_ in zip(words[::2], words[1::2], strict=True))


def _are_so(places: Iterable[bytes], stamps: bytes) -> bool:
    """Say whether places are as they were. `system.file_dependencies.stamp` is written out: its calls would be most of a warm run."""
    found = array("q")
    add, stat = found.extend, os.stat
    for place in places:
        try:
            status = stat(place)
        except (OSError, ValueError):  # noqa: PERF203 - a place where there was nothing
            add(NOTHING)
        else:
            add((status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino))
    return found.tobytes() == stamps


def _said(said: bytes) -> bool | None:
    """Print what was said, as it was. Return `False` where not all of it could be printed, `None` where none of it could."""
    done = 0
    for each in said.split(b"\0") if said else ():
        data = memoryview(each)[1:]
        try:
            while data:
                written = os.write(int(each[:1]), data)
                done += written
                data = data[written:]
        except BrokenPipeError:
            return True  # a reader that has seen enough
        except OSError:
            return False if done else None
    return True


def _write(cache: str, name: str, rest: bytes, now: int) -> None:
    """Write a file that names its own inode and time, at once or not at all, into a folder that is a cache already."""
    draft = ""
    try:
        if not marked_folder.is_marked(cache):
            return
        folder = marked_folder.make_below(cache, PLACE)
        draft = marked_folder.draft_of(f"{folder}/{name}")
        with open(draft, "xb", 0) as file:  # noqa: PTH123
            file.write(b"%s %d %d %d\n%s" % (_MAGIC, crc32(rest), os.fstat(file.fileno()).st_ino, now, rest))
        os.utime(draft, ns=(now, now))
        os.replace(draft, f"{folder}/{name}")  # noqa: PTH105
        _prune(folder)
    except (OSError, ValueError):
        marked_folder.discard(draft)


def _prune(folder: str) -> None:
    """Remove all but the latest answers, and drafts of processes that died. What has another name is not ours. Raises OSError."""
    found = []
    with os.scandir(folder) as scan:
        for entry in scan:
            stem = entry.name.partition(".")[0]
            if len(stem) == _DIGITS and not stem.strip("0123456789abcdef") and entry.is_file(follow_symlinks=False):
                found.append((entry.stat(follow_symlinks=False).st_mtime_ns, entry.name))
    whole = sorted((each for each in found if each[1].isalnum()), reverse=True)
    long_ago = time.time_ns() - marked_folder.STALE * 1_000_000_000
    left_over = [each for each in found if marked_folder.is_draft(each[1]) and each[0] < long_ago]
    for _, name in (*whole[MOST_ANSWERS:], *left_over):
        os.unlink(f"{folder}/{name}")  # noqa: PTH108
