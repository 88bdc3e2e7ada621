"""Replays whole runs: prints again what the same command line printed, as long as everything it depends on is unchanged.

The recorded output is looked up by command line before anything else is imported. It is in the cache of the project:

    .surfacelint_cache/answers/<name>
    .surfacelint_cache/answers/lock-<digit>     locked while a process makes a record for which others wait

    surfacelint answer <version> <checksum of what follows> <inode> <time>
    <length of the key> <of the paths> <of the stamps> <of the listings> <of the output> <exit status> <start>
    key, paths, stamps, listings, output

`<start>` is 0, or the time in nanoseconds at which the run started if files had changed so shortly before that their times
are not reliable. Such a record only counts for a process that has waited for this run.

A record contains the inode and the time of its own file, so a copy is not valid. An archive or repository cannot claim that
its code is clean: it would have to guess both. Damaged records count as missing.
"""

from __future__ import annotations

import os
import sys
import time
from array import array
from zlib import crc32

from surfacelint.cache import marked_folder
from surfacelint.system.file_dependencies import NOTHING, Dependencies, checksum
from surfacelint.system.git import listing
from surfacelint.system.safe_reading import InputError, read_regular

TYPE_CHECKING = False  # `typing` would take longer to import than this module.

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FOLDER = ".surfacelint_cache"
SETTINGS = ("surfacelint.toml", "pyproject.toml")
"""The configuration files that may name another folder."""

VARIABLE = "SURFACELINT_CACHE_DIR"
"""The environment variable that names another folder, like the option."""

PLACE = "answers"
"""The folder of records inside the cache."""

MOST_ANSWERS = 16
"""The number of command lines recorded in one cache. The latest ones are kept."""

LOCKS = 16
"""The number of files to lock in one cache."""

MOST_NAMED = 8
"""The number of lines of one configuration file that may name a cache folder. With thousands, a project could guess inodes."""

LONGEST_WRITING = 3_600_000_000_000
"""The maximum time in nanoseconds between the time in a record and the last change of its file, which no archive can set."""

LARGEST_SETTINGS = 1_000_000
"""The maximum size of a configuration file in bytes."""

LARGEST_ANSWER = 64_000_000
"""The maximum size of a record in bytes."""

INCOMPLETE = 2
"""The exit status if not all output could be printed."""

SPLIT = 2_000
"""The number of paths from which on a second process checks half of them."""

_MAGIC = b"surfacelint answer 2"
_DIGITS = 8

_ENVIRONMENT = (
    *("NO_COLOR", "FORCE_COLOR", "TERM", "CI", "HOME", "PYTHONIOENCODING", "PYTHONUTF8", "LC_ALL", "LC_CTYPE", "LANG", VARIABLE),
    *("FORCE_HYPERLINK", "TERM_PROGRAM", "VTE_VERSION", "DOMTERM", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "WT_SESSION"),
)
"""Environment variables that affect the output or the location of the cache."""

_DATED = "review"
"""The command whose output names the date: that in _DATE if it is set, otherwise that of the run."""

_DATE = "SOURCE_DATE_EPOCH"


_own_keys: list[bytes] = []
"""The key of the command line of this process, once known."""


def replay_run(arguments: Sequence[str]) -> int | None:
    """Print the recorded output of the same command line and return its exit status, or `None` if there is no valid record."""
    try:
        wanted = key(arguments)
    except OSError:
        return None  # The current directory is gone.
    _own_keys.append(wanted)
    found = find(arguments, wanted)
    if found is None:
        return None
    output, status = found
    printed = _print_output(output)
    return None if printed is None else status if printed else INCOMPLETE


def find(arguments: Iterable[str], wanted: bytes, since: int | None = None) -> tuple[bytes, int] | None:
    """Return the recorded output and exit status for the `wanted` key, or `None` if there is no valid record.

    The cache is looked for at and above the paths among `arguments`. With `since` (in nanoseconds), a run that started later
    counts even if files had changed shortly before, because a run of this process would have seen the same.
    """
    if os.name != "posix":
        return None  # On Windows, any file time can be set back.
    name = _name(wanted)
    records = (_read(f"{folder}/{PLACE}/{name}", wanted, since) for folder in _cache_folders(arguments))
    return next((record for record in records if record is not None), None)


def keep(
    folder: str,
    dependencies: Dependencies,
    said: Sequence[tuple[int, bytes]],
    code: int,
    started: int,
    given: bytes = b"",
    *,
    awaited: bool = False,
) -> None:
    """Record a run in the cache `folder`, if that exists: its output `said`, as file descriptors and bytes, and its exit status `code`.

    The key is `given`, or that of the command line of this process; without either, nothing is recorded. Nor is it if a
    file that the run depends on changed since the run `started` (in nanoseconds) or, unless the run is `awaited` by other
    processes, shortly before. Does not raise.
    """
    now = time.time_ns()
    if os.name != "posix" or not (given or _own_keys) or not dependencies.repeatable:
        return
    settled = dependencies.is_settled(started, now)
    if any(b"\0" in text for _, text in said) or not (settled or awaited):
        return
    wanted = given or _own_keys[-1]
    paths = b"\0".join(map(os.fsencode, dependencies.places))
    stamps = array("q", [number for stamp in dependencies.places.values() for number in stamp]).tobytes()
    listings = b"\0".join(b"%s\0%d" % (os.fsencode(directory), sum_) for directory, sum_ in dependencies.listings.items())
    parts = (wanted, paths, stamps, listings, b"\0".join(b"%d%s" % each for each in said))
    lengths = b" ".join(b"%d" % len(part) for part in parts)
    rest = b"%s %d %d\n%s" % (lengths, code, 0 if settled else started, b"".join(parts))
    _write(folder, _name(wanted), rest, now)


def lock_place(folder: str, wanted: bytes) -> str:
    """Return the path of the file to lock while a process makes the record of the `wanted` key in the cache `folder`.

    It is empty if there can be no such file.
    """
    try:
        return f"{marked_folder.make_below(folder, PLACE)}/lock-{crc32(wanted) % LOCKS:x}"
    except (OSError, ValueError):
        return ""


def key(arguments: Sequence[str]) -> bytes:
    """Return what the output of a run depends on outside the file system: Python, terminals, environment, arguments, date."""
    here = os.getcwd()  # noqa: PTH109 - pathlib would take longer to import than this module
    environment = [f"{name}={os.environ.get(name)}" for name in _ENVIRONMENT]
    if _DATED in arguments:
        environment.append(os.environ.get(_DATE) or time.strftime("%Y-%m-%d", time.gmtime()))
    return os.fsencode("\0".join((sys.version, sys.executable, here, str(os.isatty(1)), str(os.isatty(2)), *environment, *arguments)))


def _name(key: bytes) -> str:
    return f"{crc32(key):0{_DIGITS}x}"


def _cache_folders(arguments: Iterable[str]) -> Iterator[str]:
    """Yield folders that may be the cache: those that are named, and those at or above the paths to check.

    Wrong guesses are cheap.
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
                yield from _configured_folders(path, name)
            path = os.path.dirname(path)  # noqa: PTH120


def _configured_folders(folder: str, name: str) -> Iterator[str]:
    """Yield the cache folders that a configuration file may name. Only recognises `cache-dir = "…"` on one line.

    Does not read the files that it extends: then there is no replay, and the run uses the cached facts.
    """
    try:
        data = read_regular(f"{folder}/{name}", LARGEST_SETTINGS)
    except (OSError, ValueError, InputError):
        return
    named = [line for line in data.splitlines() if b"cache-dir" in line] if b"cache-dir" in data else []
    for line in named[:MOST_NAMED]:
        key, _, value = line.partition(b"=")
        value = value.strip()
        if key.strip().endswith(b"cache-dir") and value[:1] in (b'"', b"'"):
            given = value[1:].partition(value[:1])[0].decode("utf-8", "replace")
            yield os.path.normpath(os.path.join(folder, given))  # noqa: PTH118


def _read(path: str, key: bytes, since: int | None) -> tuple[bytes, int] | None:
    """Return the output and exit status of the record at a path, if it is undamaged, has this `key`, and is still valid.

    `since` is as in `find`.
    """
    try:
        data, status = marked_folder.read(path, LARGEST_ANSWER)
        head, _, rest = data.partition(b"\n")
        if status.st_ctime_ns - status.st_mtime_ns > LONGEST_WRITING:
            return None
        if status.st_uid != os.geteuid() or head != b"%s %d %d %d" % (_MAGIC, crc32(rest), status.st_ino, status.st_mtime_ns):
            return None
        lengths, _, body = rest.partition(b"\n")
        *sizes, exit_status, started = map(int, lengths.split())
        if started and (since is None or started < since):
            return None
        parts = []
        for size in sizes:
            parts.append(body[:size])
            body = body[size:]
        found, paths, stamps, listings, output = parts
        return (output, exit_status) if found == key and _is_valid(paths, stamps, listings) else None
    except (OSError, ValueError):
        return None


def _is_valid(paths: bytes, stamps: bytes, listings: bytes) -> bool:
    """Whether all paths and listings are unchanged. Raises ValueError for a damaged record, OSError if it cannot fork."""
    places = paths.split(b"\0")
    middle = len(places) // 2 if len(places) > SPLIT else len(places)
    process = os.fork() if middle < len(places) else -1
    if not process:
        os._exit(0 if _are_unchanged(places[middle:], stamps[32 * middle :]) else 1)
    same = _are_unchanged(places[:middle], stamps[: 32 * middle])
    if process > 0:
        same = os.waitpid(process, 0)[1] == 0 and same
    words = listings.split(b"\0") if listings else []
    return same and all(checksum(listing(os.fsdecode(place))) == int(sum_) for place, sum_ in zip(words[::2], words[1::2], strict=True))


def _are_unchanged(places: Iterable[bytes], stamps: bytes) -> bool:
    """Whether paths have these stamps. `system.file_dependencies.stamp` is inlined: its calls would take most of a warm run."""
    found = array("q")
    add, stat = found.extend, os.stat
    for place in places:
        try:
            status = stat(place)
        except (OSError, ValueError):  # noqa: PERF203 - the path did not exist
            add(NOTHING)
        else:
            add((status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino))
    return found.tobytes() == stamps


def _print_output(output: bytes) -> bool | None:
    """Print recorded output to its file descriptors. Return `False` if only a part could be printed, `None` if nothing could."""
    done = 0
    for each in output.split(b"\0") if output else ():
        data = memoryview(each)[1:]
        try:
            while data:
                written = os.write(int(each[:1]), data)
                done += written
                data = data[written:]
        except BrokenPipeError:
            return True  # The reader has stopped reading.
        except OSError:
            return False if done else None
    return True


def _write(cache: str, name: str, rest: bytes, now: int) -> None:
    """Write a record, with its own inode and time, atomically into an existing cache."""
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
    """Remove all but the latest records, and drafts of processes that died. Keeps files with other names. Raises OSError."""
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
