"""Configuration: one dataclass whose fields are the settings. Files and flags are applied over the defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from surfacelint.catalogue.schema import CatalogueData


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of a run. `root` is the project root: module names and relative paths start there."""

    root: Path = field(default_factory=Path.cwd)
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    min_items: int = 100
    check_tests: bool = False
    catalogue: CatalogueData = field(default_factory=CatalogueData)
