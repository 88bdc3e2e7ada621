"""The sketch of a module: what narrowing needs of its outline and its text, and no more. Made by `extraction.sketches`."""

from __future__ import annotations

from dataclasses import dataclass

from surfacelint.facts.outlines import Import


@dataclass(frozen=True, slots=True)
class Definition:
    """Something that gives the module's `names` their meaning, and the words that it does so with."""

    names: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a class, and the words in its lines."""

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClassSketch:
    """A class with its base classes as dotted names, empty for one that has none."""

    qualname: str
    bases: tuple[str, ...]
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a module imports anywhere, what it defines, and its classes."""

    imports: tuple[Import, ...]
    definitions: tuple[Definition, ...]
    classes: tuple[ClassSketch, ...]
