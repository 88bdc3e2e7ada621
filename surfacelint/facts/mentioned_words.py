"""The sketch of a module: the names that it defines and the words in each definition, for narrowing.

`extraction.word_scanning` creates it from the text.
"""

from __future__ import annotations

import re

from surfacelint.system.records import record

NAME = r"[^\W\d]\w*"

words = re.compile(NAME).findall
"""Return the names and other words in a text."""


@record(frozen=True, slots=True)
class Definition:
    """A statement or definition that binds or changes `names` of the module, with all `words` in it."""

    names: frozenset[str]
    words: frozenset[str]


@record(frozen=True, slots=True)
class Method:
    """A method of a class, and its text, which is searched for words only if a class inherits the method."""

    name: str
    text: str


@record(frozen=True, slots=True)
class ClassSketch:
    """A class. `bases` are dotted names, empty for a base that is not a dotted name."""

    qualname: str
    bases: tuple[str, ...]
    methods: tuple[Method, ...]


@record(frozen=True, slots=True)
class Sketch:
    """The definitions and the classes of a module."""

    definitions: tuple[Definition, ...]
    classes: tuple[ClassSketch, ...]
