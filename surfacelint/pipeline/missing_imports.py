"""Finds imports of code that belongs to the user but not to the analysed project, so that calls into it are unknown.

What is installed cannot be told from what is missing by its name alone. So only these imports count: relative ones, absolute ones below
a package of the project, and, for a project without a marker, those of files that lie in a folder above it. An import that handles its
own failure, or that has a file of another kind (an extension module, a stub), does not count.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import field
from itertools import islice
from pathlib import Path

from surfacelint.model.findings import Location
from surfacelint.project.import_resolution import SOURCE_DIRECTORIES
from surfacelint.project.module_names import SourceFile, is_marked
from surfacelint.reading.source_reader import Sources
from surfacelint.relevance.import_screening import ImportRecord, clauses
from surfacelint.reporters.locations import place
from surfacelint.system.file_dependencies import Dependencies
from surfacelint.system.records import record

SHOWN = 5
"""Number of imports that are reported one by one."""

_ABOVE = 3
"""Number of folders above a project without a marker in which its imports are looked for."""


def missing_imports(sources: Sources, asked: Iterable[str], dependencies: Dependencies) -> Iterator[str]:
    """Yield a sentence for each import of a missing module in the `asked` modules, and one with the number of further ones."""
    search = _Search(sources, dependencies)
    found = search.in_modules(sorted(asked))
    yield from islice(found, SHOWN)
    rest = sum(1 for _ in found)
    if rest:
        yield f"{rest} more imports of modules that are not in the project"


@record(frozen=True, slots=True, eq=False)
class _Search:
    """`_found` are the statements without a problem, by directory of the importer."""

    sources: Sources
    dependencies: Dependencies
    _found: dict[str, set[ImportRecord]] = field(default_factory=dict)
    _known: dict[tuple[str, str, int], str] = field(default_factory=dict)

    def in_modules(self, modules: Iterable[str]) -> Iterator[str]:
        for module in modules:
            file, scan = self.sources.project.file(module), self.sources.scans.get(module)
            if file is None or scan is None or file.is_notebook:
                continue
            missing: set[tuple[str, int]] = set()
            found = self._found.setdefault(file.directory, set())
            for statement in scan.imports - found:
                problems = {(each.module, each.level) for each in clauses(statement) if self._problem(file, each.module, each.level)}
                missing |= problems
                if not problems:
                    found.add(statement)
            if missing:
                yield from self._sentences(file, missing)

    def _sentences(self, file: SourceFile, missing: set[tuple[str, int]]) -> Iterator[str]:
        try:
            statements = self.sources.certain_imports(file.module)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return  # reported as SRF901
        for each in statements:
            if (each.module, each.level) in missing:
                start = Location(file.display, each.span)
                name = "." * each.level + each.module
                yield f"{place(start)}: `{name}` {self._problem(file, each.module, each.level)}"

    def _problem(self, file: SourceFile, module: str, level: int) -> str:
        """Return what is wrong with an import of a file; empty if it is found or may be that of an installed package."""
        key = (file.directory, module, level)
        if key not in self._known:
            self._known[key] = self._relative(file, module, level) if level else self._absolute(file, module)
        return self._known[key]

    def _relative(self, file: SourceFile, module: str, level: int) -> str:
        project = self.sources.project
        if project.look_up(module, file.directory, level) is not None:
            return ""
        folder = file.path.parents[level - 1] if len(file.path.parents) >= level else file.path.parent
        if not module or not folder.is_relative_to(project.root):
            return "leads out of the project, so calls into it are unknown; check the folder that contains the package"
        return self._below(folder, module.split("."))

    def _absolute(self, file: SourceFile, module: str) -> str:
        project = self.sources.project
        top, _, rest = module.partition(".")
        if top in project.foreign or top in sys.stdlib_module_names or project.look_up(module, file.directory) is not None:
            return ""
        package = project.look_up(top, file.directory)
        if package is None:
            return "" if is_marked(project.root) else self._above(module)
        found = project.file(package)
        home = package.rpartition(".")[0]
        is_own = home in ("", *SOURCE_DIRECTORIES) or f"{file.directory}.".startswith(f"{home}.")
        if found is None or not found.is_package or not rest or not is_own:
            return ""
        return self._below(found.path.parent, rest.split("."))

    def _below(self, folder: Path, parts: list[str]) -> str:
        """Say that a module is missing in a folder, unless a file of any kind has its name there."""
        for part in parts:
            self.dependencies.look(str(folder))
            try:
                names = [entry.name for entry in folder.iterdir()]
            except OSError:
                return ""
            if any(name.partition(".")[0] == part and name != part for name in names):
                return ""
            if part not in names:
                return "does not exist, so calls into it are unknown; add the module, or handle its absence with `except ImportError`"
            folder /= part
        return ""

    def _above(self, module: str) -> str:
        """Say that a module lies above the project, which has no marker."""
        relative = module.replace(".", os.sep)
        for folder in islice(self.sources.project.root.parents, _ABOVE):
            for path in (folder / f"{relative}.py", folder / relative / "__init__.py"):
                self.dependencies.look(str(path))
                if os.path.isfile(path):
                    return (
                        f"is in {folder}, outside of the project, so calls into it are unknown; "
                        f"run surfacelint in that folder, or add a pyproject.toml there"
                    )
        return ""
