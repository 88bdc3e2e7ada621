"""Configuration: the settings (`settings`), how their values are read (`toml_values`), and which files apply (`settings_files`)."""

from __future__ import annotations

from surfacelint.config.cache_location import CacheFolderError, cache_folder, make_cache
from surfacelint.config.project_paths import ProjectPaths, discover_each, divided
from surfacelint.config.settings import (
    EVERYTHING,
    OUTPUT_FORMATS,
    SEVERITIES,
    Config,
    ConfigError,
    Layer,
    Selection,
    Setting,
    covers,
    is_module,
    matches,
    settings,
)
from surfacelint.config.settings_files import FILE_NAMES, TABLE, Hierarchy, anchored, discover, parse_toml
from surfacelint.config.toml_values import layer

__all__ = [
    "EVERYTHING",
    "FILE_NAMES",
    "OUTPUT_FORMATS",
    "SEVERITIES",
    "TABLE",
    "CacheFolderError",
    "Config",
    "ConfigError",
    "Hierarchy",
    "Layer",
    "ProjectPaths",
    "Selection",
    "Setting",
    "anchored",
    "cache_folder",
    "covers",
    "discover",
    "discover_each",
    "divided",
    "is_module",
    "layer",
    "make_cache",
    "matches",
    "parse_toml",
    "settings",
]
