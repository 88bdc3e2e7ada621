"""Import screening: selects the files that import a provider, directly or through other files, by scanning their bytes.

Nothing is parsed. The regular expressions find a superset of a file's imports (an import in a docstring counts too), so screening may
keep a file too many but never loses one. Each expression begins with a literal word and looks back from there, which keeps the
search at memory speed; an expression that begins with `^` or a blank is ten times slower.
"""

from __future__ import annotations

import marshal
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from surfacelint.facts.comment_directives import OUR_WORDS
from surfacelint.facts.module_outlines import Import
from surfacelint.project.module_names import Project, SourceFile
from surfacelint.system.records import record
from surfacelint.system.worker_processes import map_in_parallel

ImportRecord: TypeAlias = tuple[bytes, bytes]
"""`from MODULE import NAMES` is (MODULE with its dots, NAMES as written); `import NAMES` is (b"", NAMES)."""

ReadBytes: TypeAlias = Callable[[SourceFile], bytes]

_PIECE = 50
"""Number of files that a process scans at a time."""

HTTP_MODULES = frozenset({b"requests", b"httpx", b"aiohttp", b"urllib", b"urllib3"})
"""Modules that send requests to a URL without an SDK."""

_WORD = rb"\w\x80-\xff"


def _at_statement(keyword: bytes) -> bytes:
    """Return a regular expression for `keyword` where a statement may begin: in a new line, indented, or after `;`, `:` or `lazy`."""
    lines = (rb"[\n\r\f\xbf;:]", rb"[ \t]{2}", rb"[\n\r;:\t][ \t]", rb"\blazy[ \t]")
    behind = b"|".join(b"(?<=%b%b)" % (before, keyword) for before in lines)
    return rb"%b(?:%b|(?<![\s\S]%b))" % (keyword, behind, keyword)


_CONTINUED = rb"(?:\\\r?\n[ \t]*)?"
_LINE_NAMES = rb"[%b \t,.*]*(?:\\\r?\n[%b \t,.]*)*" % (_WORD, _WORD)
_BRACKET_NAMES = rb"\([%b\s,\\]*(?:#[^\n]{0,1000}\n[%b\s,\\]*)*" % (_WORD, _WORD)

_FROM_IMPORTS: Callable[[bytes], list[ImportRecord]] = re.compile(
    _at_statement(b"from")
    + rb"(?:[ \t]+|(?=\.))(\.+(?=[ \t]*import[ \t(*\\])|[.%b]+(?=[ \t\\]))" % _WORD
    + rb"[ \t]*%bimport[ \t]*%b(%b|%b)" % (_CONTINUED, _CONTINUED, _BRACKET_NAMES, _LINE_NAMES)
).findall
_PLAIN_IMPORTS: Callable[[bytes], list[bytes]] = re.compile(_at_statement(b"import") + rb"[ \t]+(%b)" % _LINE_NAMES).findall

_COMMENT = re.compile(rb"#[^\n]*")

_LAZY = b"def __getattr__"
_QUOTED_MODULES = re.compile(rb"[\"'](\.+[%b.]+|[%b]+\.[%b.]+)[\"']" % (_WORD, _WORD, _WORD)).findall

_OUR_WORDS = tuple(word.encode() for word in OUR_WORDS)


NOTHING_MENTIONED: Mapping[str, Collection[str]] = MappingProxyType({})
"""The default of `mentions`: every import of a provider counts by itself."""


class Scan(NamedTuple):
    """Result of scanning one file: its imports, and whether it may send HTTP requests to a provider's URL without an SDK.

    `unmentioned` are imported roots that do not count, because the file has none of the words that have to come with them. `ours` is set
    if the file may have comments for surfacelint.
    """

    imports: frozenset[ImportRecord]
    http: bool
    unmentioned: frozenset[str] = frozenset()
    ours: bool = False


NOTHING_KNOWN: Mapping[str, Scan] = MappingProxyType({})
"""The default of `known`: no file has been scanned yet."""


@record(frozen=True, slots=True)
class Screening:
    """Result of screening a project. Files are given by canonical module name.

    `seeds` import a provider themselves; `relevant` are the seeds and all files that import them, directly or indirectly. `imports`
    maps each scanned file to the files of the project that it imports, `unreadable` maps each file that could not be read to the
    reason, `scans` holds the scan of each file.
    """

    relevant: frozenset[str]
    seeds: frozenset[str]
    imports: Mapping[str, frozenset[str]]
    unreadable: Mapping[str, str]
    scans: Mapping[str, Scan]


def screen(
    project: Project,
    read_bytes: ReadBytes,
    needles: Collection[str],
    http_needles: Collection[str],
    mentions: Mapping[str, Collection[str]] = NOTHING_MENTIONED,
    known: Mapping[str, Scan] = NOTHING_KNOWN,
    jobs: int = 1,
) -> Screening:
    """Scan the files of `project` and select those that matter.

    `needles` are the dotted import roots of providers (`google.genai`), `http_needles` parts of their URLs. `mentions` maps an import
    root to words of which a file needs at least one for the import to count. Files with a `known` scan are not read. A file is
    unreadable if `read_bytes` raises `OSError` for it. Thousands of files are scanned by up to `jobs` processes.
    """

    def scanned(files: Sequence[SourceFile]) -> bytes:
        # The parent process reads this from a private pipe, so `marshal` is safe.
        return marshal.dumps([_scanned(file, read_bytes, http_needles, mentions) for file in files])

    missing = [file for file in project.files if file.module not in known]
    pieces = [missing[start : start + _PIECE] for start in range(0, len(missing), _PIECE)]
    scans: dict[str, Scan] = dict(known)
    unreadable: dict[str, str] = {}
    for number, data in map_in_parallel(pieces, scanned, jobs):
        # If a process has died, this one scans its files.
        answers = marshal.loads(scanned(pieces[number]) if data is None else data)
        for file, (problem, *scan) in zip(pieces[number], answers, strict=True):
            if problem:
                unreadable[file.module] = problem
            else:
                scans[file.module] = Scan(*scan)
    return select(project, scans, needles, unreadable)


def _scanned(
    file: SourceFile, read_bytes: ReadBytes, http_needles: Collection[str], mentions: Mapping[str, Collection[str]]
) -> tuple[object, ...]:
    """Return an empty string and the fields of the scan of `file`, or the reason why it cannot be read."""
    try:
        return ("", *scan(file, read_bytes(file), http_needles, mentions))
    except OSError as error:
        return (f"cannot be read: {error.strerror}",)


def scan(file: SourceFile, data: bytes, http_needles: Collection[str], mentions: Mapping[str, Collection[str]] = NOTHING_MENTIONED) -> Scan:
    """Scan `data`, the content of `file`. The result depends on the arguments alone, so it can be cached."""
    imports = imports_of(as_lines(data) if file.is_notebook else data)
    if file.is_package and _LAZY in data:
        # Its `__getattr__` may return anything from the modules whose names it quotes.
        imports |= {(module, b"*") for module in _QUOTED_MODULES(data)}
    sends = any(not HTTP_MODULES.isdisjoint(_tops(module or names)) for module, names in imports)
    tops = {top for module, names in imports for top in _tops(module or names)} if mentions else set()
    unmentioned = frozenset(
        root for root, words in mentions.items() if root.encode() in tops and not any(word.encode() in data for word in words)
    )
    lowered = data.lower()
    ours = any(word in lowered for word in _OUR_WORDS)
    return Scan(imports, sends and any(needle.encode() in data for needle in http_needles), unmentioned, ours)


def imports_of(data: bytes) -> frozenset[ImportRecord]:
    """Return what looks like an import in Python source."""
    records = set(_FROM_IMPORTS(data))
    records.update((b"", names) for names in _PLAIN_IMPORTS(data))
    return frozenset(records)


@lru_cache(maxsize=100_000)
def clauses(record: ImportRecord) -> tuple[Import, ...]:
    """Return the names that an import binds, in the form that outlines use."""
    module, level = record[0].lstrip(b".").decode("utf-8", "replace"), len(record[0]) - len(record[0].lstrip(b"."))
    found = []
    for words in _listed(record[1]):
        name, alias = words[0], words[2] if len(words) > 2 else ""
        if record[0]:
            found.append(Import(alias or name, module, name, level))
        else:
            found.append(Import(alias, name, "") if alias else Import(name.partition(".")[0], name))
    return tuple(found)


def as_lines(notebook: bytes) -> bytes:
    """Return the JSON of a notebook with each line of a cell on its own line: good enough for `imports_of`, but no valid JSON."""
    return notebook.replace(rb"\n", b"\n").replace(b'"', b"\n")


def select(project: Project, scans: Mapping[str, Scan], needles: Collection[str], unreadable: Mapping[str, str]) -> Screening:
    """Select the scanned files that matter. `unreadable` becomes part of the result."""
    known = [(file, found) for file in project.files if (found := scans.get(file.module)) is not None]
    providers = _ProviderImports(project, needles)
    seeds = frozenset(file.module for file, found in known if found.http or providers.imported(file, found.imports, found.unmentioned))
    if not seeds:
        return Screening(seeds, seeds, {}, unreadable, scans)
    project_imports = _ProjectImports(project)
    imports = {file.module: project_imports.targets(file, found.imports) for file, found in known}
    return Screening(with_importers(seeds, imports), seeds, imports, unreadable, scans)


def import_graph(project: Project, scans: Mapping[str, Scan]) -> dict[str, frozenset[str]]:
    """Return, for each scanned file, the files of the project that it imports."""
    project_imports = _ProjectImports(project)
    return {
        file.module: project_imports.targets(file, scan.imports) for file in project.files if (scan := scans.get(file.module)) is not None
    }


def imported_by(modules: Collection[str], imports: Mapping[str, Collection[str]]) -> frozenset[str]:
    """Return some modules and all that they import, directly or indirectly."""
    found = set(modules)
    waiting = list(modules)
    while waiting:
        new = [module for module in imports.get(waiting.pop(), ()) if module not in found]
        found.update(new)
        waiting += new
    return frozenset(found)


def with_importers(seeds: frozenset[str], imports: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return `seeds` and every module that imports one of them, directly or indirectly."""
    importers: dict[str, list[str]] = {}
    for module, targets in imports.items():
        for target in targets:
            importers.setdefault(target, []).append(module)
    relevant = set(seeds)
    waiting = list(seeds)
    while waiting:
        new = [module for module in importers.get(waiting.pop(), ()) if module not in relevant]
        relevant.update(new)
        waiting += new
    return frozenset(relevant)


class _ProviderImports:
    """Recognises imports of providers."""

    __slots__ = ("_above", "_needles", "_project", "_tops")

    def __init__(self, project: Project, needles: Collection[str]) -> None:
        self._project = project
        self._needles = frozenset(needles)
        self._above = frozenset(needle[:dot] for needle in needles for dot in range(len(needle)) if needle[dot] == ".")
        self._tops = frozenset(needle.partition(".")[0].encode() for needle in needles)

    def imported(self, file: SourceFile, records: frozenset[ImportRecord], unmentioned: frozenset[str]) -> bool:
        """Whether one of the `records` of `file` imports a provider. Modules of the project with a provider's name do not count.

        Nor do imports of `unmentioned` roots.
        """
        tops = self._tops - {root.encode() for root in unmentioned} if unmentioned else self._tops
        return any(self._is_provider(file, record) for record in records if not tops.isdisjoint(_tops(record[0] or record[1])))

    def _is_provider(self, file: SourceFile, record: ImportRecord) -> bool:
        module, names = record[0].decode("utf-8", "replace"), _names(record[1])
        if not module:
            return any(self._is_needed(name) and self._project.resolve(name, file) is None for name in names)
        found = self._project.resolve(module, file)
        # A directory without `__init__.py` may share the name of an installed package, such as `google`.
        if found is not None and self._project.file(found) is not None:
            return False
        wanted = [module] if names in ([], ["*"]) else [f"{module}.{name}" for name in names]
        return any(self._is_needed(name) and self._project.resolve(name, file) is None for name in wanted)

    def _is_needed(self, name: str) -> bool:
        """Whether an import of `name` covers a needle: `google.genai.types` is below `google.genai`, `google` above it."""
        parts = name.split(".")
        return name in self._above or any(".".join(parts[: length + 1]) in self._needles for length in range(len(parts)))


class _Meaning(NamedTuple):
    """What a module name in an import refers to: a file, and a package or directory whose submodules may be imported by name."""

    file: str | None
    package: str | None


class _ProjectImports:
    """Finds the files of the project that imports refer to. Remembers the meaning of each module name by directory."""

    __slots__ = ("_meanings", "_project", "_runs")

    def __init__(self, project: Project) -> None:
        self._project = project
        self._meanings: dict[str, dict[bytes, _Meaning]] = {}
        self._runs: dict[tuple[str, bytes], frozenset[str]] = {}

    def targets(self, file: SourceFile, records: frozenset[ImportRecord]) -> frozenset[str]:
        """Return the other files of the project that `records` of `file` import."""
        directory = file.directory
        meanings = self._meanings.setdefault(directory, {})
        found: set[str] = set()
        for module, names in records:
            if not module:
                found |= self._run_by(names, directory)
                continue
            meaning = meanings.get(module)
            if meaning is None:
                meaning = meanings[module] = self._meaning(module, directory)
            target, package = meaning
            if target is not None:
                found.add(target)
            if package is not None:
                submodules = (self._project.submodule(package, name) for name in _names(names))
                found.update(path for path in submodules if path is not None and self._project.file(path) is not None)
        found.discard(file.module)
        return frozenset(found)

    def _meaning(self, module: bytes, directory: str) -> _Meaning:
        name = module.lstrip(b".")
        found = self._project.look_up(name.decode("utf-8", "replace"), directory, len(module) - len(name))
        file = None if found is None else self._project.file(found)
        if file is None:
            return _Meaning(None, found)
        return _Meaning(found, found if file.is_package else None)

    def _run_by(self, names: bytes, directory: str) -> frozenset[str]:
        """Return the modules that `import names` runs: each module, and every package above it."""
        key = (directory, names)
        if key not in self._runs:
            trails = [self._trail(name, directory) for name in _names(names)]
            self._runs[key] = frozenset(module for trail in trails for module in trail if self._project.file(module) is not None)
        return self._runs[key]

    def _trail(self, name: str, directory: str) -> list[str]:
        """Return the longest part of the dotted `name` that is in the project, and all packages above it."""
        for missing in range(name.count(".") + 1):
            there = name.rsplit(".", missing)[0]
            found = self._project.look_up(there, directory)
            if found is not None:
                return [found.rsplit(".", above)[0] for above in range(there.count(".") + 1)]
        return []


def _names(text: bytes) -> list[str]:
    """Return the names in the text after `import`, without aliases."""
    return [words[0] for words in _listed(text)]


def _listed(text: bytes) -> list[list[str]]:
    """Split the text after `import` into its names, each as a list of words: `["json", "as", "j"]`."""
    if b"#" in text:
        text = _COMMENT.sub(b"", text)
    words = (part.decode("utf-8", "replace").split() for part in text.translate(None, b"()\\").split(b","))
    return [each for each in words if each]


# Most files import the same few hundred modules, so each spelling is split once.
@lru_cache(maxsize=100_000)
def _tops(spelling: bytes) -> frozenset[bytes]:
    """Return the top-level names of the modules of a record: those after `from`, or after `import` if there is no `from`."""
    return frozenset(part.split(None, 1)[0].partition(b".")[0] for part in spelling.split(b",") if part.strip())
