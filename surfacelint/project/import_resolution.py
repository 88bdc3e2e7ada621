"""The rules by which an import in one file of a project finds another file. Works on canonical module names only.

An absolute name is looked for next to the importer and in the directories above it (where scripts and tests find it),
then in the usual source directories, and finally anywhere in the project if only one place has it.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from dataclasses import field

from surfacelint.system.records import record

ROOT_PACKAGE = "__init__"
"""The canonical name of the root directory as a package. The root need not contain an `__init__.py`."""

SOURCE_DIRECTORIES = ("src", "lib", "python")


@record(frozen=True, slots=True, eq=False)
class ImportResolver:
    """Resolves the names in import statements to canonical names, and caches the results.

    `root_name` is the name of the root directory. `foreign` are top-level names of installed packages that matter.
    `_directories` are all directories with importable files in or below them, `_last_names` the last parts of all
    importable names, and `_homes` the directories without `__init__.py` by the names of the modules in them.
    """

    root_name: str
    foreign: frozenset[str]
    _modules: frozenset[str]
    _packages: frozenset[str]
    _directories: frozenset[str]
    _last_names: frozenset[str]
    _homes: dict[str, tuple[str, ...]]
    _search_paths: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    _resolved: dict[tuple[str, str, int], str | None] = field(default_factory=dict)

    @classmethod
    def build(
        cls, root_name: str, modules: Collection[str], packages: frozenset[str], directories: Iterable[str], foreign: frozenset[str]
    ) -> ImportResolver:
        """Return the resolver for `modules`, of which those in `packages` are packages, in `directories`; all are canonical names."""
        importable = [module for module in modules if not module.endswith(">")]
        everything = _with_parents(directories)
        last_names = {module.rpartition(".")[2] for module in (*everything, *importable)}
        named = frozenset(modules)
        if ROOT_PACKAGE in named:
            last_names.add(root_name)
        homes: dict[str, list[str]] = {}
        for module in importable:
            directory, _, name = module.rpartition(".")
            if directory not in named:
                homes.setdefault(name, []).append(directory)
        return cls(
            root_name=root_name,
            foreign=foreign,
            _modules=named,
            _packages=packages,
            _directories=frozenset(everything),
            _last_names=frozenset(last_names),
            _homes={name: tuple(found) for name, found in homes.items()},
        )

    def submodule(self, package: str, name: str) -> str | None:
        """Return the canonical name of the module, package or directory `name` directly inside `package`."""
        return self._known(join("" if package == ROOT_PACKAGE else package, name))

    def look_up(self, name: str, directory: str, level: int = 0) -> str | None:
        """Return the canonical name of `name` as imported by a file in `directory`, or `None` if it is not in the project.

        `level` counts the leading dots of a relative import.
        """
        key = (directory, name, level)
        if key not in self._resolved:
            self._resolved[key] = self._relative(directory, name, level) if level else self._absolute(directory, name)
        return self._resolved[key]

    def _relative(self, directory: str, name: str, level: int) -> str | None:
        for _ in range(level - 1):
            if not directory:
                return None
            directory = directory.rpartition(".")[0]
        return self._known(join(directory, name) or ROOT_PACKAGE)

    def _absolute(self, directory: str, name: str) -> str | None:
        top, _, rest = name.partition(".")
        if top not in self._last_names:
            return None
        if top in sys.stdlib_module_names:
            return self._shadow(directory, top, name)
        if top in self.foreign:
            return self._namesake(directory, top, name)
        if ROOT_PACKAGE in self._modules and top == self.root_name:
            own = self._known(rest or ROOT_PACKAGE)
            if own is not None:
                return own
        _, bases = self._search_path(directory)
        for base in bases:
            if (here := join(base, name)) in self._modules:
                return here
        everywhere = [here for place in self._homes.get(top, ()) if (here := join(place, name)) in self._modules]
        if len(everywhere) == 1:
            return everywhere[0]
        # As in Python, a directory without `__init__.py` counts only if no module has the name.
        return next((here for base in bases if (here := join(base, name)) in self._directories), None)

    def _shadow(self, directory: str, top: str, name: str) -> str | None:
        """Return the module that shadows a standard library module, if any. Only one next to a script does."""
        if directory in self._packages or join(directory, top) not in self._modules:
            return None
        return self._known(join(directory, name))

    def _namesake(self, directory: str, top: str, name: str) -> str | None:
        """Return the project's module or package with the name of an installed one, if Python would prefer it."""
        roots = ("", *(source for source in SOURCE_DIRECTORIES if source in self._directories))
        plain, _ = self._search_path(directory)
        for base in dict.fromkeys((*plain, *roots)):
            package, here = join(base, top), join(base, name)
            if package in self._packages:
                # In an adapter `providers/openai/client.py`, `openai` is the SDK. In `agents/base.py` under the root,
                # `agents` is usually its own package.
                inside = f"{directory}.".startswith(f"{package}.")
                if (base in roots or not inside) and self._known(here):
                    return here
            elif here in self._modules and (base == directory or base in roots):
                # Python prefers a module next to a script: `llm.py`, `agents.py`. The script may be at the root.
                return here
        return None

    def _search_path(self, directory: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the search path of files in `directory`, best first: only directories that are not packages, and all."""
        bases = self._search_paths.get(directory)
        if bases is None:
            chain = [directory]
            while chain[-1]:
                chain.append(chain[-1].rpartition(".")[0])
            plain = tuple(base for base in chain if not base or base not in self._packages)
            packaged = tuple(base for base in chain if base and base in self._packages)
            beside = (join(base, source) for base in chain for source in SOURCE_DIRECTORIES)
            sources = tuple(base for base in beside if base in self._directories)
            bases = self._search_paths[directory] = (plain, (*plain, *packaged, *sources))
        return bases

    def _known(self, module: str) -> str | None:
        return module if module in self._modules or module in self._directories or module == ROOT_PACKAGE else None


def join(directory: str, name: str) -> str:
    """Return the canonical name of `name` inside `directory`; either may be empty."""
    return f"{directory}.{name}" if directory and name else directory or name


def _with_parents(directories: Iterable[str]) -> set[str]:
    """Return `directories` and all above them, except the root."""
    found: set[str] = set()
    for directory in directories:
        while directory and directory not in found:
            found.add(directory)
            directory = directory.rpartition(".")[0]
    return found
