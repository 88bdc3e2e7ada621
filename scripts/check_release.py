"""Builds the release and checks it: reproducible, complete, valid, and with the same version and addresses everywhere.

    python scripts/check_release.py [--output FOLDER] [--publish TAG] [--notes FILE]

The sdist and the wheel are built three times: from two copies of the checkout in different folders, with different file times, permissions
and time zones, and from the sdist. All builds have to be byte-identical. `twine check --strict` and `check-wheel-contents` have
to accept them, and the sdist holds just the files that git tracks.

`--output` keeps the files, and `--notes` writes what the changelog says about the version. `--publish` also refuses what must not be
published under the tag: see `releasing/publication.py`.
The exit status is 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from releasing.builds import LATER, LONG_AGO, BuildError, built, complaints, copied, differences, digest, missing, tracked, unpacked
from releasing.places import followed
from releasing.publication import obstacles, release_notes

from surfacelint.system.version import __version__

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Check the release, print what is wrong or the digests of its files, and return the exit status."""
    parser = argparse.ArgumentParser(description="Build the release and check it.")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="keep the sdist and the wheel here")
    parser.add_argument("--publish", metavar="TAG", help="also refuse what must not be published under this tag")
    parser.add_argument("--notes", type=Path, metavar="FILE", help="write the notes of this version here")
    options = parser.parse_args()
    try:
        problems = [*disagreements(), *([] if options.publish is None else obstacles(ROOT, options.publish))]
        if not problems:
            problems = checked_files(options.output)
        if options.notes is not None:
            options.notes.write_text(
                release_notes((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), __version__) or "", encoding="utf-8"
            )
    except (BuildError, ValueError) as error:
        problems = [str(error)]
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


def disagreements() -> Iterator[str]:
    """Yield each file that has another version or address than the package."""
    for file, _ in followed(ROOT):
        yield f"{file.relative_to(ROOT)}: has another version or address than surfacelint/system/version.py; run scripts/write_release.py"


def checked_files(output: Path | None) -> list[str]:
    """Build three times, print digests and keep the files in `output` if all is well, and return what is wrong."""
    names = tracked(ROOT)
    with TemporaryDirectory() as folder:
        place = Path(folder)
        first = built(copied(ROOT, names, place / "a", LONG_AGO, 0o022), place / "first", "UTC", 0o022)
        again = built(copied(ROOT, names, place / "a folder elsewhere", LATER, 0o077), place / "again", "Asia/Kathmandu", 0o077)
        derived = built(unpacked(first[0], place / "unpacked"), place / "derived", "America/St_Johns", 0o002)
        problems = [*differences([first, again, derived]), *missing(first[0], names), *complaints(first)]
        for file in () if problems else first:
            print(f"{digest(file)}  {file.name}")
            if output is not None:
                output.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, output)
    return problems


if __name__ == "__main__":
    sys.exit(main())
