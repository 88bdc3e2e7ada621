"""Name narrowing: of the modules that import a provider, directly or indirectly, selects those that use it.

Most importers of a module use a part of it that never reaches the provider. So this follows names instead of modules. A name is *hot* if
it may lead to a provider: the name under which a module imports the provider, every function, class and variable of the module whose
text mentions a hot name, and hot names that other modules import. A base class is hot if it declares a method that is hot in a
subclass, because a caller may know the subclass by its base class alone. Names are compared as words, whatever their scope, so more
names are hot than can reach a provider.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

from surfacelint.facts.mentioned_words import ClassSketch, Definition, Sketch, words
from surfacelint.facts.module_outlines import Import
from surfacelint.relevance.import_screening import with_importers

_MOST_EXPORTS = 8
"""Longest chain of modules that re-export a class. A longer one is a cycle."""


_ResolvedImport: TypeAlias = "tuple[Import, str, str | None]"
"""An import, the module of the program that it refers to, and the submodule that its symbol may be."""

_ByModule: TypeAlias = "dict[str, list[_ResolvedImport]]"
"""The imports of a module from this program, by each module that they may refer to."""


class NarrowingSource(Protocol):
    """Reads modules: their text, imports and sketches."""

    def text(self, module: str) -> str:
        """Return the text of a module, empty if it cannot be read."""

    def imports(self, module: str) -> tuple[Import, ...]:
        """Return the imports of a module in any scope, those in quoted code included."""

    def sketch(self, module: str) -> Sketch | None:
        """Return the sketch of a module, `None` if it cannot be read."""

    def resolve(self, name: str, importer: str, level: int = 0) -> str | None:
        """Return the canonical name of the module that `importer` means by `name`."""

    def submodule(self, package: str, name: str) -> str | None:
        """Return the canonical name of the module `name` directly in a package."""


@dataclass(slots=True)
class _Module:
    """A module with its `hot` names. `cold` are the definitions that may still become hot.

    `mentions` are the definitions of the module by each name of the module that they mention.
    """

    sketch: Sketch
    cold: list[Definition]
    mentions: Mapping[str, list[Definition]]
    hot: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, sketch: Sketch) -> _Module:
        """Return a module without hot names."""
        defined = frozenset().union(*(definition.names for definition in sketch.definitions))
        mentions: dict[str, list[Definition]] = {}
        for definition in sketch.definitions:
            for word in definition.words & defined:
                mentions.setdefault(word, []).append(definition)
        return cls(sketch, list(sketch.definitions), mentions)

    def heat(self, found: Iterable[str]) -> set[str]:
        """Make names hot, and all definitions that mention them; return the names that became hot."""
        new = set(found) - self.hot
        if not new:
            return new
        self.hot |= new
        waiting = [definition for definition in self.cold if not new.isdisjoint(definition.words)]
        reached = set(map(id, waiting))
        while waiting:
            for name in waiting.pop().names - self.hot:
                self.hot.add(name)
                new.add(name)
                fresh = [each for each in self.mentions.get(name, ()) if id(each) not in reached]
                reached.update(map(id, fresh))
                waiting += fresh
        if reached:
            self.cold = [definition for definition in self.cold if id(definition) not in reached]
        return new


class Narrowing:
    """Follows hot names through a program.

    `modules` are the modules with hot names and those that cannot be read. `looked_at` are all modules whose content was used.
    """

    def __init__(self, source: NarrowingSource, imports: Mapping[str, frozenset[str]]) -> None:
        """`imports` maps each module of the project to the modules that it imports."""
        self.modules: set[str] = set()
        self.imports = imports
        self.looked_at: set[str] = set()
        self._within: set[str] = set()
        self._source = source
        self._known: dict[str, _Module | None] = {}
        self._named: dict[str, frozenset[str]] = {}
        self._worded: dict[str, frozenset[str]] = {}
        self._resolved_imports: dict[str, list[_ResolvedImport]] = {}
        self._imports_by_target: dict[str, _ByModule] = {}
        self._importers: dict[str, list[str]] = {}
        self._trunk: Narrowing | None = None
        for module, targets in imports.items():
            for target in targets:
                self._importers.setdefault(target, []).append(module)

    def branch(self, modules: Collection[str]) -> Narrowing:
        """Return a copy that continues with some of the modules. This one does not change."""
        branch = copy(self)
        branch.modules = set(modules)
        branch.looked_at = set()
        branch._within = set(self._within)
        branch._known = {}
        branch._trunk = self
        return branch

    def hot(self, module: str) -> frozenset[str]:
        """Return the hot names of a module."""
        known = self._known.get(module)
        return frozenset() if known is None else frozenset(known.hot)

    def bases(self, name: str) -> Iterator[str]:
        """Yield the modules outside of `modules` that have base classes of a module's classes."""
        module = self._module(name)
        if module is None:
            return
        for class_ in module.sketch.classes:
            for base in class_.bases:
                found = self._base(name, module, base)
                if found is not None and found[0] not in self.modules:
                    yield found[0]

    def follow_imports(self, seeds: Collection[str], roots: Collection[str]) -> None:
        """Make the names hot that `seeds` import from the top-level packages `roots`, and follow them."""
        started = {}
        self._within |= with_importers(frozenset(seeds), self.imports)
        for name in sorted(seeds):
            module = self._module(name)
            if module is None:
                self.modules.add(name)
                continue
            named = [each.name for each in self._source.imports(name) if not each.level and each.module.partition(".")[0] in roots]
            if new := module.heat(named):
                started[name] = new
        self._spread(started)

    def follow_names(self, found: Mapping[str, Collection[str]]) -> None:
        """Make the given names of modules hot, and follow them."""
        started = {}
        self._within |= with_importers(frozenset(found), self.imports)
        for name, hot in sorted(found.items()):
            module = self._module(name)
            if module is not None and (new := module.heat(hot)):
                started[name] = new
        self._spread(started)

    def _spread(self, waiting: dict[str, set[str]]) -> None:
        """Follow new hot names to the modules that import them. The worklist `waiting` holds the new hot names of each module."""

        def heat(name: str, module: _Module, found: Iterable[str]) -> None:
            if new := module.heat(found):
                waiting.setdefault(name, set()).update(new)

        while waiting:
            target, new = waiting.popitem()
            self.modules.add(target)
            hot = self._known[target]
            assert hot is not None
            for name, declared in self._declared_above(target, hot):
                base = self._known[name] if name in self._within else None
                if base is not None:
                    heat(name, base, [declared])
            for name in self._lazy_above(target):
                package = self._module(name)
                if package is not None:
                    heat(name, package, new)
            users = [name for name in self._importers.get(target, ()) if name in self._within and self._may_use(name, target, new)]
            for name in users:
                module = self._module(name)
                if module is None:
                    self.modules.add(name)
                else:
                    heat(name, module, self._hot_imports(name, target, new))

    def _may_use(self, name: str, target: str, hot: set[str]) -> bool:
        """Whether the imports of a module contain a new hot name of `target` as a word: a cheap test that comes first."""
        self.looked_at.add(name)
        named = self._named.get(name)
        if named is None:
            named = self._named[name] = frozenset(
                part for each in self._source.imports(name) for part in (each.symbol or each.module).split(".")
            )
        return "*" in named or target.rpartition(".")[2] in named or not hot.isdisjoint(named)

    def _lazy_above(self, name: str) -> Iterator[str]:
        """Yield the packages above a module that have a `__getattr__`, which may import names from this module."""
        while "." in name:
            name = name.rpartition(".")[0]
            if "__getattr__" in self._source.text(name):
                yield name

    def _declared_above(self, name: str, module: _Module) -> Iterator[tuple[str, str]]:
        """Yield the base classes, by module and name, that declare a method which a class of this module defines and which is hot there."""
        for class_ in module.sketch.classes:
            if class_.bases and class_.qualname.partition(".")[0] in module.hot:
                methods = (method for method in class_.methods if not method.name.startswith("__init"))
                defined = {method.name for method in methods if not module.hot.isdisjoint(self._words(method.text))}
                yield from self._declaring(name, module, class_, defined, set())

    def _words(self, text: str) -> frozenset[str]:
        """Return the words of a method, which is asked for again whenever another name becomes hot."""
        known = self._worded.get(text)
        if known is None:
            known = self._worded[text] = frozenset(words(text))
        return known

    def _declaring(
        self, name: str, module: _Module, class_: ClassSketch, methods: set[str], seen: set[tuple[str, str]]
    ) -> Iterator[tuple[str, str]]:
        for base in class_.bases if methods else ():
            found = self._base(name, module, base)
            if found is None or (found[0], found[2].qualname) in seen:
                continue
            seen.add((found[0], found[2].qualname))
            if any(method.name in methods for method in found[2].methods):
                yield found[0], found[2].qualname
            yield from self._declaring(*found, methods, seen)

    def _base(self, name: str, module: _Module, base: str) -> tuple[str, _Module, ClassSketch] | None:
        """Return the class that a base class expression in a module refers to."""
        return self._class(name, module, base, _MOST_EXPORTS)

    def _class(self, name: str, module: _Module, path: str, steps: int) -> tuple[str, _Module, ClassSketch] | None:
        """Return the class that a dotted `path` refers to in a module, with the module that defines it."""
        defined = next((class_ for class_ in module.sketch.classes if class_.qualname == path), None)
        if defined is not None or not path or not steps:
            return None if defined is None else (name, module, defined)
        first, _, rest = path.partition(".")
        for imported, there, _ in self._imports_of(name):
            target = self._module(there) if imported.name == first else None
            if target is not None:
                return self._class(there, target, imported.symbol or rest.rpartition(".")[2], steps - 1)
        return None

    def _hot_imports(self, name: str, target: str, hot: set[str]) -> Iterator[str]:
        """Yield the names under which a module imports `target` or one of its new hot names."""
        by_module = self._imports_by_target.get(name)
        if by_module is None:
            by_module = self._imports_by_target[name] = {}
            for resolved in self._imports_of(name):
                _, there, below = resolved
                by_module.setdefault(there, []).append(resolved)
                if below is not None and below != there:
                    by_module.setdefault(below, []).append(resolved)
        for imported, there, below in by_module.get(target, ()):
            if imported.symbol == "*":
                yield from hot
            elif below == target or not imported.symbol or (there == target and imported.symbol in hot):
                yield imported.name

    def _imports_of(self, name: str) -> list[_ResolvedImport]:
        """Return the imports of a module from this program."""
        known = self._resolved_imports.get(name)
        if known is None:
            resolved = [(each, self._source.resolve(each.module, name, each.level)) for each in self._source.imports(name)]
            known = self._resolved_imports[name] = [
                (each, found, self._below(each, found)) for each, found in resolved if found is not None
            ]
        return known

    def _below(self, imported: Import, package: str) -> str | None:
        """Return the submodule of a package that the symbol of an import may be."""
        return self._source.submodule(package, imported.symbol) if imported.symbol not in (None, "", "*") else None

    def _module(self, name: str) -> _Module | None:
        self.looked_at.add(name)
        if name not in self._known and self._trunk is not None:
            module = self._trunk._module(name)
            self._known[name] = None if module is None else replace(module, cold=list(module.cold), hot=set(module.hot))
        elif name not in self._known:
            sketch = self._source.sketch(name)
            self._known[name] = None if sketch is None else _Module.of(sketch)
        return self._known[name]
