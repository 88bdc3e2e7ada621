"""The paths of one run, divided by the projects they belong to: each project is analysed by itself, with its own settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from surfacelint.config.settings import Config
from surfacelint.config.settings_files import discover
from surfacelint.project.module_names import by_project, project_root


@dataclass(frozen=True, slots=True)
class ProjectPaths:
    """Requested paths that belong to one project, and the settings that apply to them."""

    paths: tuple[str, ...]
    config: Config


def discover_each(paths: Sequence[str | Path], file: str | Path | None = None, isolated: bool = False) -> tuple[ProjectPaths, ...]:
    """Divide `paths` by project, and find the settings of each as `discover` does. Without paths, one project, with no paths.

    Each path belongs to the project that it has alone. Raises ConfigError.
    """
    groups = by_project(map(str, paths)) or ((),)
    return tuple(ProjectPaths(group, discover(group, file, isolated)) for group in groups)


def divided(paths: Sequence[str | Path], config: Config) -> tuple[ProjectPaths, ...]:
    """Divide `paths` by project, all with the same settings. Paths of a single project keep the root that the settings name."""
    groups = by_project(map(str, paths))
    if len(groups) < 2:
        return (ProjectPaths(tuple(map(str, paths)), config),)
    return tuple(ProjectPaths(group, replace(config, root=project_root(group))) for group in groups)
