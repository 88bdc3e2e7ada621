"""Where the cache of a run lies. Users may put it anywhere; a repository that is checked may not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from surfacelint.cache.marked_folder import ForeignFolderError, claim
from surfacelint.cache.replay import FOLDER, VARIABLE
from surfacelint.config.settings import Config, ConfigError, Layer
from surfacelint.project.file_discovery import shown

_ELSEWHERE = "name an empty or new folder with --cache-dir, or use --no-cache"


def cache_folder(config: Config) -> Path:
    """Return the folder of the cache, which need not exist: that of the settings, of the environment, or one in the root.

    What a file of settings names, and the one in the root, must lie inside of the project, or of the user's own folder for caches, once
    links are followed. Raises ConfigError.
    """
    layer = _file_of(config)
    named = config.cache_dir or os.environ.get(VARIABLE, "")
    folder = Path(os.path.abspath(named)) if named else config.root / FOLDER  # noqa: PTH100 - links stay as they are
    if layer is not None:
        caches = users_caches()
        if not (_is_inside(folder, config.root, itself=True) or _is_inside(folder, caches)):
            problem = f"the cache folder {str(folder)!r} lies outside of the project and of {caches}"
            raise ConfigError(f"{layer.place('cache_dir')}: {problem}; {_ELSEWHERE}")
    elif not named and not _is_inside(folder, config.root, itself=True):
        raise ConfigError(f"{shown(folder)}: the cache folder is a link out of the project; remove the link, {_ELSEWHERE}")
    return folder


def make_cache(config: Config, folder: Path) -> bool:
    """Make the folder of the cache if need be; return whether it was not there. Raises ConfigError where it holds other files.

    One that cannot be made is no error: then nothing is kept.
    """
    try:
        return claim(str(folder))
    except ForeignFolderError:
        layer = _file_of(config)
        where = "" if layer is None else f"{layer.place('cache_dir')}: "
        problem = f"the cache folder {folder} holds other files, or its CACHEDIR.TAG is damaged"
        raise ConfigError(f"{where}{problem}; {_ELSEWHERE}") from None
    except (OSError, ValueError):
        return False


def _file_of(config: Config) -> Layer | None:
    """Return what a file of settings gives, if that names the cache."""
    layer = config.origin("cache_dir") if config.cache_dir else None
    return layer if layer is not None and layer.file is not None else None


def _is_inside(folder: Path, place: Path, itself: bool = False) -> bool:
    """Say whether a folder lies below a place, or is the place `itself`, once links are followed."""
    try:
        real, around = Path(os.path.realpath(folder)), Path(os.path.realpath(place))
        return around in real.parents or (itself and real == around)
    except (OSError, ValueError):  # what no folder can be called
        return False


def users_caches() -> Path:
    """Return where programs of this user keep their caches."""
    home = os.path.expanduser("~")  # noqa: PTH111 - which does not fail where there is none
    if sys.platform == "darwin":
        return Path(home, "Library", "Caches")
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path(home, "AppData", "Local"))
    named = os.environ.get("XDG_CACHE_HOME", "")
    return Path(named) if os.path.isabs(named) else Path(home, ".cache")  # noqa: PTH117
