"""The project around the asked files: which module a file is, and which file a dotted name means. Knows no file's content.

After `Project.build` nothing here touches the file system. Module names are *canonical*: the dotted path from the root,
so that every file has exactly one, however it is imported. Names that files import by are turned into canonical ones by
`Project.resolve`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import field
from pathlib import Path

from surfacelint.project.file_discovery import INCLUDE, Governs, absolute, discover, nearby
from surfacelint.system.file_dependencies import Basis
from surfacelint.system.git import listing
from surfacelint.system.records import record

REPOSITORY = ".git"
ROOT_MARKERS = ("pyproject.toml", "surfacelint.toml", "setup.py", "setup.cfg", REPOSITORY)
SOURCE_DIRECTORIES = ("src", "lib", "python")

# What the root itself is called as a package, because it has no name. It need not hold an `__init__.py`.
ROOT_PACKAGE = "__init__"


@record(frozen=True, slots=True)
class SourceFile:
    """A Python file or notebook. `path` is absolute, `display` as the user would type it, `module` the canonical name.

    A dot inside of a file's or directory's own name is written `%2E` in `module`, so that dots always separate. What
    cannot be imported (notebooks, scripts without `.py`) is called `directory.<stem:suffix>`, which no import can
    spell.
    """

    path: Path
    display: str
    module: str
    is_package: bool
    is_notebook: bool

    @property
    def directory(self) -> str:
        """The canonical name of the directory that the file lies in; empty for the root."""
        if self.is_package and self.module != ROOT_PACKAGE:
            return self.module
        return self.module.rpartition(".")[0]


def project_root(paths: Sequence[str | Path]) -> Path:
    """Return the absolute root of the project that `paths` are part of.

    That is the repository around all of them, because calls lead from one of its packages into another, whichever is asked about. Without
    one it is the nearest folder at or above them that holds a marker such as `pyproject.toml`; without any it is the asked directory
    itself, or the directory above the top-most package of asked files.
    """
    start = common_directory(paths)
    for directory in (start, *start.parents):
        if _is_marked(directory):
            return _repository(directory) or directory
    if any(map(os.path.isdir, paths)):
        return start
    while start != start.parent and os.path.isfile(start / "__init__.py"):
        start = start.parent
    return start


def _repository(directory: Path) -> Path | None:
    """Return the root of the repository that a directory is part of. What git ignores there is not; nor is anything in a home directory,
    where a repository keeps settings and not the projects beside them.
    """
    root = next((each for each in (directory, *directory.parents) if is_repository(each)), None)
    if root is None or root == directory:
        return root
    at_home = os.path.realpath(root) == os.path.realpath(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises where there is none
    return None if at_home or listing(str(directory)) == b"" else root


def is_repository(directory: Path) -> bool:
    """Say whether a directory is the root of a repository."""
    return os.path.lexists(directory / REPOSITORY)


def outside(root: Path) -> list[str]:
    """Return the places above a root that decide what the root is and which settings hold there, be there anything or not."""
    wanted = [marker for marker in ROOT_MARKERS if marker.endswith(".toml") or marker == REPOSITORY or not _is_marked(root)]
    return [str(folder / marker) for folder in root.parents for marker in wanted]


def project_files(
    root: Path,
    asked: Sequence[Path],
    exclude: Sequence[str] = (),
    include: Sequence[str] = INCLUDE,
    basis: Basis | None = None,
    governs: Governs | None = None,
) -> tuple[Path, ...]:
    """Return all Python files and notebooks of the project at `root`, the `asked` files included, sorted.

    What `include` does not match is part of the project if it is Python by its name. A root without a marker may be
    anything, a home directory too: then only a bounded number of directories is looked at, besides `asked`. `basis` is told
    of all that this rests on. What lies in a directory that `exclude` does not govern, it does not leave out.
    """
    patterns = tuple(dict.fromkeys((*INCLUDE, *include)))
    if _is_marked(root):
        around = discover([root], exclude, root=root, include=patterns, basis=basis, governs=governs).files
    else:
        around = nearby(root, exclude, patterns, basis, governs)
    return tuple(sorted({*around, *asked}, key=str))


def common_directory(paths: Sequence[str | Path]) -> Path:
    """Return the directory at or above all of `paths`; without any the current one."""
    asked = [Path(absolute(path)) for path in paths] or [Path.cwd()]
    try:
        return Path(os.path.commonpath([path if os.path.isdir(path) else path.parent for path in asked]))
    except ValueError:
        # Windows: paths on several drives have nothing in common, so the project is where the user stands.
        return Path.cwd()


def _is_marked(directory: Path) -> bool:
    return any(os.path.lexists(directory / marker) for marker in ROOT_MARKERS)


@record(frozen=True, slots=True, eq=False)
class Project:
    """All files of a project by their canonical names, and the rules by which one of them finds another."""

    root: Path
    files: tuple[SourceFile, ...]
    foreign: frozenset[str]
    _modules: dict[str, SourceFile]
    _paths: dict[str, SourceFile]
    _directories: frozenset[str]
    _names: frozenset[str]
    _places: dict[str, tuple[str, ...]]
    _bases: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    _displays: dict[str, SourceFile] = field(default_factory=dict)
    _answers: dict[tuple[str, str, int], str | None] = field(default_factory=dict)

    @classmethod
    def build(cls, root: Path, files: Iterable[Path], foreign: frozenset[str] = frozenset()) -> Project:
        """Return the project of `files`, absolute paths, under `root`.

        `foreign` are top-level names of installed packages that matter (`openai`, `celery`): a module of the same name
        deep inside of the project, such as an adapter `providers/openai.py`, is not mistaken for them.
        """
        top = absolute(root)
        paths = {str(file): file for file in files}
        sources = _name_files(top, [paths[text] for text in sorted(paths)])
        modules = {source.module: source for source in sources}
        importable = [source for source in sources if not source.module.endswith(">")]
        directories = _with_parents({source.directory for source in importable})
        names = {module.rpartition(".")[2] for module in (*directories, *(source.module for source in importable))}
        if ROOT_PACKAGE in modules:
            names.add(_escape(Path(top).name))
        places: dict[str, list[str]] = {}
        for source in importable:
            directory, _, name = source.module.rpartition(".")
            if directory not in modules:
                places.setdefault(name, []).append(directory)
        return cls(
            root=Path(top),
            files=sources,
            foreign=foreign,
            _modules=modules,
            _paths={str(source.path): source for source in sources},
            _directories=frozenset(directories),
            _names=frozenset(names),
            _places={name: tuple(found) for name, found in places.items()},
        )

    def file(self, module: str) -> SourceFile | None:
        """Return the file of a canonical name; `None` for a bare directory, and for what is not in the project."""
        return self._modules.get(module)

    def submodule(self, package: str, name: str) -> str | None:
        """Return the canonical name of the module, package or directory `name` that lies directly in `package`."""
        return self._known(_join("" if package == ROOT_PACKAGE else package, name))

    def at(self, path: Path) -> SourceFile | None:
        """Return the file at an absolute path."""
        return self._paths.get(str(path))

    def shown_as(self, display: str) -> SourceFile | None:
        """Return the file that users see as `display`."""
        if not self._displays:
            self._displays.update({file.display: file for file in self.files})
        return self._displays.get(display)

    def resolve(self, name: str, importer: SourceFile, level: int = 0) -> str | None:
        """Return the canonical name of what `name` means in `importer`, or `None` if it is not in the project.

        `level` counts the leading dots of a relative import; `name` may be empty then. The answer names a module, a
        package, or a directory without `__init__.py`. A name is looked up whole: ask for `package.name` before
        `package` when either may be meant. An absolute name is looked for beside the importer and above it (where its
        own scripts and tests would find it), in the usual source directories, and at last wherever it lies, if that is
        one place only.
        """
        found = self.look_up(name, importer.directory, level)
        if found == importer.module and not level and not importer.is_package:
            # No module imports itself: `redis.py` that imports redis means the installed one.
            return None
        return found

    def look_up(self, name: str, directory: str, level: int = 0) -> str | None:
        """Return what `resolve` does for any file in the directory of that canonical name, were it not the file found itself."""
        key = (directory, name, level)
        if key not in self._answers:
            self._answers[key] = self._relative(directory, name, level) if level else self._absolute(directory, name)
        return self._answers[key]

    def _relative(self, directory: str, name: str, level: int) -> str | None:
        for _ in range(level - 1):
            if not directory:
                return None
            directory = directory.rpartition(".")[0]
        return self._known(_join(directory, name) or ROOT_PACKAGE)

    def _absolute(self, directory: str, name: str) -> str | None:
        top, _, rest = name.partition(".")
        if top not in self._names:
            return None
        if top in sys.stdlib_module_names:
            return self._shadow(directory, top, name)
        if top in self.foreign:
            return self._homonym(directory, top, name)
        if ROOT_PACKAGE in self._modules and top == _escape(self.root.name):
            own = self._known(rest or ROOT_PACKAGE)
            if own is not None:
                return own
        _, bases = self._search(directory)
        for base in bases:
            if (here := _join(base, name)) in self._modules:
                return here
        everywhere = [here for place in self._places.get(top, ()) if (here := _join(place, name)) in self._modules]
        if len(everywhere) == 1:
            return everywhere[0]
        # As in Python itself: a directory without `__init__.py` counts only if nothing better has the name.
        return next((here for base in bases if (here := _join(base, name)) in self._directories), None)

    def _shadow(self, directory: str, top: str, name: str) -> str | None:
        """Return the file that hides a module of the standard library: only one right beside a script does."""
        if self._is_package(directory) or _join(directory, top) not in self._modules:
            return None
        return self._known(_join(directory, name))

    def _homonym(self, directory: str, top: str, name: str) -> str | None:
        """Return the project's own module or package that has the name of an installed one, where Python would prefer it."""
        roots = ("", *(source for source in SOURCE_DIRECTORIES if source in self._directories))
        plain, _ = self._search(directory)
        for base in dict.fromkeys((*plain, *roots)):
            package, here = _join(base, top), _join(base, name)
            if self._is_package(package):
                # The adapter `providers/openai/client.py` means the SDK, but `agents/base.py` under the root may well mean
                # its own package.
                inside = f"{directory}.".startswith(f"{package}.")
                if (base in roots or not inside) and self._known(here):
                    return here
            elif here in self._modules and (base == directory or (base in roots and here != package)):
                # A module right beside a script comes first for Python: `llm.py`, `agents.py`.
                return here
        return None

    def _search(self, directory: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return where files in `directory` look for absolute names, best first: the directories that are no packages, and all."""
        bases = self._bases.get(directory)
        if bases is None:
            chain = [directory]
            while chain[-1]:
                chain.append(chain[-1].rpartition(".")[0])
            plain = tuple(base for base in chain if not base or not self._is_package(base))
            packaged = tuple(base for base in chain if base and self._is_package(base))
            beside = (_join(base, source) for base in chain for source in SOURCE_DIRECTORIES)
            sources = tuple(base for base in beside if base in self._directories)
            bases = self._bases[directory] = (plain, (*plain, *packaged, *sources))
        return bases

    def _is_package(self, module: str) -> bool:
        file = self._modules.get(module)
        return file is not None and file.is_package

    def _known(self, module: str) -> str | None:
        return module if module in self._modules or module in self._directories or module == ROOT_PACKAGE else None


def _join(directory: str, name: str) -> str:
    return f"{directory}.{name}" if directory and name else directory or name


def _escape(part: str) -> str:
    return part.replace("%", "%25").replace(".", "%2E")


def _with_parents(directories: set[str]) -> set[str]:
    """Return `directories` and all above them, the root excepted."""
    found: set[str] = set()
    for directory in directories:
        while directory and directory not in found:
            found.add(directory)
            directory = directory.rpartition(".")[0]
    return found


def _name_files(root: str, paths: Sequence[Path]) -> tuple[SourceFile, ...]:
    """Give each path its name, in the order of `paths`."""
    prefix = root.rstrip(os.sep) + os.sep
    here = str(Path.cwd()).rstrip(os.sep) + os.sep
    directories: dict[str, str] = {}
    sources: list[SourceFile] = []
    packages: set[str] = set()
    for path in paths:
        text = str(path)
        relative = (text[len(prefix) :] if text.startswith(prefix) else os.path.relpath(text, root)).replace(os.sep, "/")
        folder, _, name = relative.rpartition("/")
        directory = directories.get(folder)
        if directory is None:
            directory = directories[folder] = ".".join(map(_escape, folder.split("/"))) if folder else ""
        display = (text[len(here) :] if text.startswith(here) else text).replace(os.sep, "/")
        sources.append(SourceFile(path, display, *_module_name(directory, name)))
        if name == "__init__.py":
            packages.add(directory)
    # Where `mod.py` lies beside the package `mod`, Python never sees the file.
    return tuple(
        _unimportable(source) if source.module in packages and not source.is_package and not source.module.endswith(">") else source
        for source in sources
    )


def _module_name(directory: str, name: str) -> tuple[str, bool, bool]:
    """Return module, is_package, is_notebook of the file `name` in `directory`."""
    stem, dot, suffix = name.rpartition(".")
    if dot and suffix == "py" and stem:
        if stem == "__init__":
            return directory or ROOT_PACKAGE, True, False
        return _join(directory, _escape(stem)), False, False
    return _join(directory, f"<{_escape(stem or name)}:{suffix if stem else ''}>"), False, suffix == "ipynb"


def _unimportable(source: SourceFile) -> SourceFile:
    directory, _, stem = source.module.rpartition(".")
    return SourceFile(source.path, source.display, _join(directory, f"<{stem}:py>"), False, False)
