"""The location of the cache folder. Users may choose any; a configuration file in the checked repository may not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from surfacelint.cache.marked_folder import ForeignFolderError, claim
from surfacelint.cache.replay import FOLDER, VARIABLE
from surfacelint.config.settings import Config, ConfigError, Layer
from surfacelint.project.file_discovery import display_path


class CacheFolderError(ConfigError):
    """The cache folder may not be used. `problem` is the text without the remedy, which names options of our command line."""

    def __init__(self, problem: str) -> None:
        """Take the text without the remedy."""
        super().__init__(f"{problem}; pass an empty or new folder to --cache-dir, or use --no-cache")
        self.problem = problem


def cache_folder(config: Config) -> Path:
    """Return the cache folder: from the settings, the environment variable, or the default in the project root. It need not exist.

    With links resolved, a folder named by a configuration file must be inside the project or the user's cache directory,
    and the default folder inside the project. Raises ConfigError.
    """
    layer = _file_layer(config)
    named = config.cache_dir or os.environ.get(VARIABLE, "")
    folder = Path(os.path.abspath(named)) if named else config.root / FOLDER  # noqa: PTH100 - links stay as they are
    if layer is not None:
        caches = users_caches()
        if not (_is_inside(folder, config.root, itself=True) or _is_inside(folder, caches)):
            problem = f"the cache folder {str(folder)!r} is outside the project and outside {caches}"
            raise CacheFolderError(f"{layer.place('cache_dir')}: {problem}")
    elif not named and not _is_inside(folder, config.root, itself=True):
        raise CacheFolderError(f"{display_path(folder)}: the cache folder is a link that leads out of the project; remove the link")
    return folder


def make_cache(config: Config, folder: Path) -> bool:
    """Create the cache folder if it does not exist, and return whether it was created. Raises ConfigError if it contains other files.

    If it cannot be created, the run works without a cache.
    """
    try:
        return claim(str(folder))
    except ForeignFolderError:
        layer = _file_layer(config)
        place = VARIABLE if not config.cache_dir and os.environ.get(VARIABLE) else "" if layer is None else layer.place("cache_dir")
        problem = f"the cache folder {folder} contains other files, or its CACHEDIR.TAG is damaged"
        raise CacheFolderError(f"{place}: {problem}" if place else problem) from None
    except (OSError, ValueError):
        return False


def _file_layer(config: Config) -> Layer | None:
    """Return the layer of the configuration file that sets `cache-dir`, if one does."""
    layer = config.origin("cache_dir") if config.cache_dir else None
    return layer if layer is not None and layer.file is not None else None


def _is_inside(folder: Path, place: Path, itself: bool = False) -> bool:
    """Whether a folder is below `place` (or, with `itself`, equal to it) once links are resolved."""
    try:
        real, around = Path(os.path.realpath(folder)), Path(os.path.realpath(place))
        return around in real.parents or (itself and real == around)
    except (OSError, ValueError):  # not a valid folder name
        return False


def users_caches() -> Path:
    """Return the cache directory of the current user."""
    home = os.path.expanduser("~")  # noqa: PTH111 - does not fail if there is none
    if sys.platform == "darwin":
        return Path(home, "Library", "Caches")
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path(home, "AppData", "Local"))
    named = os.environ.get("XDG_CACHE_HOME", "")
    return Path(named) if os.path.isabs(named) else Path(home, ".cache")  # noqa: PTH117
