"""The files of a project at a revision of its repository, in place of those of the working tree. Writes nothing.

Only the texts are those of the revision. The settings, and all that does not belong to the repository itself (submodules, repositories
inside it), are those of the working tree, so that a change of settings does not look like a change of code.
"""

from __future__ import annotations

import io
import os
import tokenize
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from surfacelint.config import Config, ConfigError
from surfacelint.pipeline import engine
from surfacelint.project.file_discovery import SUFFIXES, display_path
from surfacelint.reading.file_decoding import LARGEST_NOTEBOOK, LARGEST_SOURCE
from surfacelint.system import git
from surfacelint.system.records import record
from surfacelint.system.safe_reading import InputError, read_regular

MOST_BYTES = 500_000_000
"""The size of all files of a revision that differ from the working tree, in bytes, at most."""


@record(frozen=True, slots=True)
class Revision:
    """A revision: the `texts` that differ from the working tree, by absolute path, and the files that are `absent` in it."""

    name: str
    texts: dict[Path, str]
    absent: frozenset[Path]


def read_revision(name: str, paths: Sequence[str], config: Config) -> Revision:
    """Return the files of the project around `paths` at a revision. Raises ConfigError."""
    place = git.work_tree(str(config.root))
    if place is None:
        raise ConfigError(f"--diff-base needs a git repository, and {display_path(config.root)} is in none")
    top = place[0]
    commit = git.commit_of(top, name)
    if commit is None:
        shallow = (
            "; this clone is shallow: fetch the revision first, in GitHub Actions with `fetch-depth: 0`" if git.is_shallow(top) else ""
        )
        raise ConfigError(f"--diff-base: unknown revision {name!r} in {display_path(Path(top))}{shallow}")
    tree = git.tree_of(top, commit)
    changed = None if tree is None else _changed(top, tree, config.root)
    texts = None if changed is None else _contents(top, name, set(changed.values()))
    if tree is None or changed is None or texts is None:
        raise ConfigError(f"--diff-base: git cannot read the files of {name!r}; in a partial clone, fetch them first")
    decoded = {path: text for path, blob in changed.items() if (text := _decoded(path, texts.get(blob))) is not None}
    known = {path for path in _absolute(tree, top, config.root) if path not in changed or path in decoded}
    return Revision(name, decoded, frozenset(_own_files(top, paths, config) - known))


def _absolute(tree: Iterable[str], top: str, root: Path) -> dict[Path, str]:
    """Return the paths of a tree below the project at `root`, by absolute path as the project has it: `top` has no links."""
    real = os.path.realpath(root)
    below = "" if real == top else f"{real[len(top) :].strip(os.sep)}/".replace(os.sep, "/")
    return {root / path[len(below) :]: path for path in tree if path.startswith(below)}


def _changed(top: str, tree: dict[str, str], root: Path) -> dict[Path, str]:
    """Return the names of the contents of the Python files that differ from the working tree, by absolute path."""
    found: dict[Path, str] = {}
    for path, inner in _absolute(tree, top, root).items():
        if inner.endswith(SUFFIXES) and _name_on_disk(path, tree[inner]) != tree[inner]:
            found[path] = tree[inner]
    return found


def _name_on_disk(path: Path, like: str) -> str:
    """Return the name of the content of a file, empty if it cannot be read or is too large to check."""
    try:
        return git.name_of(read_regular(path, LARGEST_NOTEBOOK), like)
    except (OSError, ValueError, InputError):
        return ""


def _contents(top: str, revision: str, blobs: Iterable[str]) -> dict[str, bytes] | None:
    """Return contents by name, without those too large to check; `None` if git cannot read them. Raises ConfigError."""
    sizes = git.sizes(top, sorted(blobs))
    if sizes is None:
        return None
    checked = [blob for blob, size in sizes.items() if size <= LARGEST_NOTEBOOK]
    if sum(sizes[blob] for blob in checked) > MOST_BYTES:
        raise ConfigError(f"--diff-base: the changed files of {revision!r} have more than {MOST_BYTES / 1e6:.0f} MB; name a later revision")
    return git.contents(top, checked)


def _decoded(path: Path, data: bytes | None) -> str | None:
    """Return the text of a file, or `None` if it cannot be decoded or is too large to check."""
    if data is None or len(data) > (LARGEST_NOTEBOOK if path.suffix == ".ipynb" else LARGEST_SOURCE):
        return None
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return io.TextIOWrapper(io.BytesIO(data), encoding).read()
    except (SyntaxError, ValueError, LookupError):  # some codecs raise other errors than UnicodeDecodeError
        return None


def _own_files(top: str, paths: Sequence[str], config: Config) -> set[Path]:
    """Return the files of the project that belong to the repository itself, and not to one inside it."""
    in_repository = cache(lambda folder: (place := git.work_tree(folder)) is not None and place[0] == top)
    files = {*engine.files([config.root], config)[0], *engine.files(paths, config)[0]}
    return {path for path in files if in_repository(str(path.parent))}
