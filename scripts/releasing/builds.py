"""Builds the sdist and the wheel, and compares builds with each other and with the files that git tracks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

LONG_AGO, LATER = 631_152_000, 2_000_000_000
"""Times that copies of files get, in seconds since 1970: in 1990 and in 2033."""

_TIMEOUT = 120.0


class BuildError(Exception):
    """A tool failed. The text is one line, or what the tool printed."""


def tracked(root: Path) -> list[str]:
    """Return the paths of the files of a checkout that git tracks. Raises BuildError without git."""
    listed = _run(root, "git", "ls-files", "-z")
    return sorted({name for name in listed.split("\0") if name and (root / name).is_file()})


def copied(root: Path, names: list[str], place: Path, seconds: int, mask: int) -> Path:
    """Copy files into the new folder `place`, with this time for all and without the permissions in `mask`, and return the folder."""
    for name in names:
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, file)
        file.chmod((0o777 if os.access(root / name, os.X_OK) else 0o666) & ~mask)
        os.utime(file, (seconds, seconds))
    return place


def unpacked(sdist: Path, place: Path) -> Path:
    """Unpack an sdist into the new folder `place`, and return the folder of its files."""
    with tarfile.open(sdist) as archive:
        archive.extractall(place, filter="data")
    (folder,) = place.iterdir()
    return folder


def built(source: Path, place: Path, zone: str, mask: int) -> list[Path]:
    """Build the sdist and the wheel of `source` in the folder `place`, in a time zone and with a file mode mask. Return both files."""
    variables = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    _run(source, sys.executable, "-m", "hatchling", "build", "-d", str(place), variables={**variables, "TZ": zone}, mask=mask)
    sdist, wheel = sorted(place.iterdir(), key=lambda file: file.suffix)
    return [sdist, wheel]


def differences(builds: list[list[Path]]) -> Iterator[str]:
    """Yield a sentence for each file that is not the same in all builds."""
    for files in zip(*builds, strict=True):
        digests = {digest(file) for file in files}
        if len(digests) > 1:
            yield f"{files[0].name}: not reproducible: {len(digests)} different files from {len(files)} builds"


def missing(sdist: Path, names: list[str]) -> Iterator[str]:
    """Yield a sentence if the sdist does not hold just the tracked files and its metadata."""
    with tarfile.open(sdist) as archive:
        held = {member.name.partition("/")[2] for member in archive.getmembers()}
    different = sorted(held.symmetric_difference(names) - {"PKG-INFO"})
    if different:
        yield f"{sdist.name}: differs from the tracked files: {', '.join(different[:5])}{', …' if different[5:] else ''}"


def complaints(files: list[Path]) -> Iterator[str]:
    """Yield what `twine check --strict` and `check-wheel-contents` say against the sdist and the wheel."""
    sdist, wheel = files
    yield from _complaint(wheel.parent, "twine", "--no-color", "check", "--strict", str(sdist), str(wheel))
    yield from _complaint(wheel.parent, "check_wheel_contents", str(wheel))


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return sha256(file.read_bytes()).hexdigest()


def _complaint(folder: Path, *module: str) -> Iterator[str]:
    try:
        _run(folder, sys.executable, "-m", *module)
    except BuildError as error:
        yield str(error)


def _run(folder: Path, *command: str, variables: dict[str, str] | None = None, mask: int = -1) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, env=variables, umask=mask, capture_output=True, encoding="utf-8", timeout=_TIMEOUT, check=False
        )
    except OSError as error:
        raise BuildError(f"{command[0]}: {error.strerror}") from None
    if done.returncode:
        raise BuildError(f"{' '.join(command[:4])} failed: {(done.stdout + done.stderr).strip()}")
    return done.stdout
