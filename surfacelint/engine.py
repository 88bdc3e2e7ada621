"""The stages in order: paths, relevant files, outlines, call graph, bodies, workloads, findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from surfacelint import discovery, screening, suppressions
from surfacelint.catalogue.catalogue import Catalogue
from surfacelint.config import Config
from surfacelint.extraction.outlines import parse, read_outline
from surfacelint.facts.bodies import Body
from surfacelint.facts.expressions import Position, Span
from surfacelint.facts.outlines import ModuleOutline
from surfacelint.findings import Finding, Location, Report
from surfacelint.judgement.bodies import Bodies
from surfacelint.judgement.displays import Displays
from surfacelint.judgement.entries import Entries
from surfacelint.judgement.sites import Sites
from surfacelint.judgement.waiting import Waits
from surfacelint.judgement.workloads import Judgement
from surfacelint.linking.callgraph import Linker
from surfacelint.linking.effects import solve
from surfacelint.linking.modules import FunctionNode
from surfacelint.linking.resolution import Resolver
from surfacelint.linking.targets import Targets
from surfacelint.program import Program
from surfacelint.project import Project, SourceFile, project_files
from surfacelint.reading import Source, UnreadableError, decode, read_bytes
from surfacelint.rules import NOT_CHECKED, RULES, Rule, selected

PARSED_ANYWAY = 1_000_000
"""Characters of files without any way to a provider that are parsed in one run, only to see whether they can be."""

_Read = TypeVar("_Read")

PRECEDENCE = ("SRF104", "SRF304", "SRF301", "SRF305", "SRF302", "SRF303", "SRF103", "SRF102", "SRF101")
"""One workload gives at most one of these findings: the first that is enabled."""


def run(paths: Sequence[str | Path], config: Config, stdin: str | None = None, stdin_filename: str | None = None) -> Report:
    """Check `paths` with the whole project around them, and report on `paths`.

    With `stdin` the only path is `-`, and the text is checked as if it were the content of `stdin_filename`. Raises ConfigError
    where rules are selected that do not exist; everything that cannot be checked is in the report.
    """
    rules = selected(RULES, config)
    exclude = (*config.exclude, *config.extend_exclude)
    if stdin is None:
        found = discovery.discover(paths, exclude, root=config.root, force=config.force_exclude)
    else:
        found = discovery.Discovery((discovery_path(stdin_filename),), ())
    catalogue = Catalogue.load(config.catalogue)
    project = Project.build(config.root, project_files(config.root, found.files, exclude), _top_names(catalogue))
    asked = frozenset(file.module for path in found.files if (file := project.at(path)) is not None)
    given = {discovery_path(stdin_filename): stdin} if stdin is not None else {}
    sources = Sources(project, given)
    run_ = _Run(config, catalogue, sources, asked)
    findings = _check(rules, run_.program(), lambda finding: _is_ignored(finding, config, project))
    sources.parse_some(asked)
    findings += [_not_checked(error, rules) for error in sources.errors if error.module in asked]
    return _report(findings, found.errors, config, sources, asked)


def discovery_path(name: str | None) -> Path:
    """Return the absolute path that standard input stands for."""
    return Path(discovery.absolute(name or "stdin.py"))


def _top_names(catalogue: Catalogue) -> frozenset[str]:
    return frozenset(needle.partition(".")[0] for needle in catalogue.needles)


@dataclass(frozen=True, slots=True)
class _Error:
    """Something in a file that could not be read: where, and a sentence that says why."""

    module: str
    location: Location
    problem: str


@dataclass(slots=True)
class Sources:
    """Texts, outlines and bodies of a project's files, read when they are asked for and remembered."""

    project: Project
    given: dict[Path, str]
    errors: list[_Error] = field(default_factory=list)
    _texts: dict[str, Source | None] = field(default_factory=dict)
    _outlines: dict[str, ModuleOutline | None] = field(default_factory=dict)

    def bytes(self, file: SourceFile) -> bytes:
        """Return the content of a file. Raises OSError."""
        return self.given[file.path].encode() if file.path in self.given else read_bytes(file)

    def source(self, module: str) -> Source | None:
        """Return the text of a module, `None` where there is no file or it cannot be read."""
        if module not in self._texts:
            file = self.project.file(module)
            self._texts[module] = None if file is None else self._read(file)
        return self._texts[module]

    def _read(self, file: SourceFile) -> Source | None:
        if file.path in self.given and not file.is_notebook:
            return Source(file, self.given[file.path].replace("\r\n", "\n"))
        try:
            source = decode(file, self.bytes(file))
        except OSError as error:
            self.fail(file, f"cannot be read: {error.strerror}")
            return None
        except UnreadableError as error:
            self.fail(file, str(error))
            return None
        for cell in source.broken_cells:
            self.errors.append(_Error(file.module, Location(file.display, _line(cell.line), cell.index), cell.problem))
        return source

    def fail(self, file: SourceFile, problem: str, line: int = 1) -> None:
        """Note that a file could not be checked, or not all of it."""
        self.errors.append(_Error(file.module, Location(file.display, _line(line)), problem))

    def parse_some(self, modules: Iterable[str]) -> None:
        """Parse files that lead to no provider, too, as long as that costs next to nothing: so that typos show where one looks for them.

        Their imports are known from their bytes, so that nothing else would be found in them.
        """
        budget = PARSED_ANYWAY
        for module in sorted(modules):
            file = self.project.file(module)
            if file is None or module in self._outlines:
                continue
            source = self.source(module)
            budget -= 0 if source is None else len(source.text)
            if budget < 0:
                return
            if source is not None:
                self._parse(source)

    # What linking asks for.

    def resolve(self, name: str, importer: str, level: int = 0) -> str | None:
        """Return the canonical name of what a module means by `name`."""
        file = self.project.file(importer)
        return None if file is None else self.project.resolve(name, file, level)

    def submodule(self, package: str, name: str) -> str | None:
        """Return the canonical name of a module directly in a package."""
        return self.project.look_up(name, package, 1)

    def outline(self, module: str) -> ModuleOutline | None:
        """Return the outline of a module, `None` where it cannot be read."""
        if module not in self._outlines:
            source = self.source(module)
            self._outlines[module] = None if source is None else self._outline(source)
        return self._outlines[module]

    def _outline(self, source: Source) -> ModuleOutline | None:
        return self._guarded(source, read_outline)

    def _parse(self, source: Source) -> None:
        self._guarded(source, parse)

    def _guarded(self, source: Source, reader: Callable[[str], _Read]) -> _Read | None:
        """Return what `reader` makes of a source; note an error where it cannot be parsed."""
        try:
            return reader(source.text)
        except SyntaxError as error:
            self.fail(source.file, f"syntax error: {error.msg}", error.lineno or 1)
        except (RecursionError, MemoryError):
            self.fail(source.file, "is nested too deeply to be read")
        except ValueError as error:
            self.fail(source.file, f"cannot be parsed: {error}")
        return None

    # What judging asks for.

    def body(self, function: FunctionNode) -> Body | None:
        """Return the body of a function, `None` where it cannot be read."""
        from surfacelint.extraction.bodies import UnreadableBodyError, read_body

        source = self.source(function.module.name)
        if source is None:
            return None
        try:
            return read_body(source.text, function.module.outline, function.outline)
        except UnreadableBodyError as error:
            self.fail(source.file, f"was checked in part: {error}", function.outline.span.start.line)
            return None

    def location(self, function: FunctionNode, span: Span) -> Location:
        """Return where a span of a function's module is, as users see it."""
        source = self.source(function.module.name)
        assert source is not None
        cell, first = source.place(span.start.line)
        shift = first - span.start.line
        start = Position(first, span.start.column)
        end = Position(span.end.line + shift, span.end.column)
        return Location(source.file.display, Span(start, end), cell)


@dataclass(slots=True)
class _Run:
    """One analysis of a project."""

    config: Config
    catalogue: Catalogue
    sources: Sources
    asked: frozenset[str]

    def program(self) -> Program:
        """Return the workloads of the project."""
        screened = screening.screen(self.sources.project, self.sources.bytes, self.catalogue.needles, self.catalogue.http_needles)
        for module, problem in screened.unreadable.items():
            file = self.sources.project.file(module)
            if file is not None:
                self.sources.fail(file, problem)
        resolver = Resolver(self.sources, self.catalogue)
        targets = Targets(resolver, self.catalogue)
        # Test code calls everything, which would say nothing about who waits for it.
        relevant = [module for module in screened.relevant if not self._is_test(module)]
        graph = Linker(resolver, targets, relevant).link()
        effects = solve(graph, resolver, targets)
        entries = Entries(graph, resolver, self.catalogue)
        bodies = Bodies(self.sources)
        judgement = Judgement(
            effects=effects,
            resolver=resolver,
            catalogue=self.catalogue,
            sites=Sites(effects, resolver, self.catalogue, bodies, self.config.min_items),
            displays=Displays(resolver, self.catalogue),
            entries=entries,
            waits=Waits(graph, effects, entries, resolver, self.catalogue),
            locate=self.sources.location,
        )
        return Program(judgement.workloads())

    def _is_test(self, module: str) -> bool:
        file = self.sources.project.file(module)
        if file is None or self.config.check_tests:
            return False
        *folders, name = file.path.relative_to(self.config.root).parts if file.path.is_relative_to(self.config.root) else (file.path.name,)
        return name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py" or not {"test", "tests"}.isdisjoint(folders)


def _check(rules: Iterable[Rule], program: Program, is_ignored: Callable[[Finding], bool]) -> list[Finding]:
    found = [finding for rule in rules for finding in rule.check(program, rule.info) if not is_ignored(finding)]
    best: dict[Location, Finding] = {}
    others: list[Finding] = []
    for finding in found:
        if finding.rule.code not in PRECEDENCE:
            others.append(finding)
            continue
        known = best.get(finding.location)
        if known is None or PRECEDENCE.index(finding.rule.code) < PRECEDENCE.index(known.rule.code):
            best[finding.location] = finding
    return [*best.values(), *others]


def _is_ignored(finding: Finding, config: Config, project: Project) -> bool:
    if not config.per_file_ignores:
        return False
    file = project.shown_as(finding.location.path)
    return file is not None and config.ignores(finding.rule.code, file.path)


def _not_checked(error: _Error, rules: Iterable[Rule]) -> Finding:
    info = next(rule.info for rule in rules if rule.code == NOT_CHECKED)
    return Finding(rule=info, message=f"not checked: {error.problem}", location=error.location)


def _report(findings: list[Finding], errors: tuple[str, ...], config: Config, sources: Sources, asked: frozenset[str]) -> Report:
    paths = {file.display for module in asked if (file := sources.project.file(module)) is not None}
    kept = [f for f in findings if f.location.path in paths]
    texts: dict[str, str] = {}
    for place in [location for f in kept for location in (f.location, *(step.location for step in f.trace))]:
        _add_text(texts, place, sources)
    live, suppressed = suppressions.apply(sorted(set(kept), key=lambda f: f.sort_key), texts)
    return Report(live, suppressed, errors, len(asked), tuple(sorted(texts.items())))


def _add_text(texts: dict[str, str], place: Location, sources: Sources) -> None:
    """Add the text around a location: the file's, or that of its cell."""
    key = suppressions.text_key(place)
    if key in texts:
        return
    file = sources.project.shown_as(place.path)
    source = None if file is None else sources.source(file.module)
    if source is None:
        return
    if place.cell is None:
        texts[key] = source.text
        return
    cells = [cell for cell in source.cells if cell.index == place.cell]
    following = [cell.line for cell in source.cells if cells and cell.line > cells[0].line]
    lines = source.text.split("\n")
    if cells:
        texts[key] = "\n".join(lines[cells[0].line - 1 : min(following, default=len(lines) + 1) - 1])


def _line(number: int) -> Span:
    return Span(Position(number, 0), Position(number, 0))
