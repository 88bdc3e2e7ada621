"""The sketch of a module: what narrowing needs of its text, and no more. Made by `extraction.word_scanning`."""

from __future__ import annotations

import re

from surfacelint.system.records import record

NAME = r"[^\W\d]\w*"

words = re.compile(NAME).findall
"""Return the names and other words in a text."""


@record(frozen=True, slots=True)
class Definition:
    """Something that gives the module's `names` their meaning, and the words that it does so with."""

    names: frozenset[str]
    words: frozenset[str]


@record(frozen=True, slots=True)
class Method:
    """A method of a class, and its text. Only what inherits is asked about the words in it."""

    name: str
    text: str


@record(frozen=True, slots=True)
class ClassSketch:
    """A class with its base classes as dotted names, empty for one that has none."""

    qualname: str
    bases: tuple[str, ...]
    methods: tuple[Method, ...]


@record(frozen=True, slots=True)
class Sketch:
    """What a module defines, and its classes."""

    definitions: tuple[Definition, ...]
    classes: tuple[ClassSketch, ...]
