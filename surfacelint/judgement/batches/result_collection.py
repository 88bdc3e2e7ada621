"""What a program takes of the results of its batches, followed through names, files, helpers, and back to callers.

What is known of a value is the *words* by which it was taken of the results: `("response", "body")`. They are attributes, constant keys and
methods, which of them does not matter, in the order in which they were taken. Only words that mean something to the batch API are kept,
so that there are few ways in which a value can have been taken; what else is taken of an answer is `PART`, and of that `DEEPER`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from surfacelint.catalogue.provider_rows import BatchApi
from surfacelint.facts.expressions import Call, Expr, Span
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

Words: TypeAlias = tuple[str, ...]

JOB = "<job>"
"""The first word of what is taken of a job, and not of its results."""

PART = "."
"""Something of an answer."""

DEEPER = ".."
"""Something of a part of an answer."""

_LONGEST = 4
"""More words than these are no way to an answer."""


@record(frozen=True, slots=True)
class Spot:
    """A place in a function."""

    function: FunctionNode
    span: Span


@record(frozen=True, slots=True)
class Join:
    """Results that are put beside something else by their position: `name` is what, as the user spells it."""

    spot: Spot
    name: str


@dataclass(slots=True)
class Reading:
    """What one function, with all that it calls, reads of results.

    `answers` are where answers of the model are taken, `joins` where results are joined by position. `checked` says that something looks
    at failures, `keyed` that something reads the key, `lost` that results go where they cannot be followed, `escaped` that they are left
    to whoever called, of whom nothing is known.
    """

    answers: dict[Spot, None] = field(default_factory=dict)
    joins: dict[Join, None] = field(default_factory=dict)
    checked: bool = False
    keyed: bool = False
    lost: bool = False
    escaped: bool = False


@dataclass(slots=True)
class Index:
    """A number that counts results (`counts_results`) or picks something else: the first such place and its name."""

    counts_results: bool = False
    other: Join | None = None


@dataclass(slots=True)
class Activation:
    """A run of one function in thought: the words by name, by the path of files that it writes, and of what it returns."""

    function: FunctionNode
    words: dict[str, set[Words]]
    outer: Activation | None = None
    files: dict[Expr, set[Words]] = field(default_factory=dict)
    indices: dict[str, Index] = field(default_factory=dict)
    returned: set[Words] = field(default_factory=set)

    def add(self, key: str, words: Iterable[Words]) -> None:
        """Remember that a key may hold what was taken by `words`."""
        self.words.setdefault(key, set()).update(words)

    def of(self, key: str) -> set[Words]:
        """Return what a key may hold, here or in the functions around."""
        here: Activation | None = self
        name = key.partition(".")[0]
        while here is not None:
            if key in here.words:
                return here.words[key]
            if name in here.function.names:
                break
            here = here.outer
        return set()

    @property
    def size(self) -> int:
        """Grows as long as another pass finds more."""
        held = sum(map(len, self.words.values())) + sum(map(len, self.files.values())) + len(self.returned)
        return held + sum(index.counts_results + (index.other is not None) for index in self.indices.values())


@record(frozen=True, slots=True)
class Glossary:
    """What words mean for one batch API; `telling` are all that mean something."""

    api: BatchApi
    telling: frozenset[str]

    @classmethod
    def of(cls, api: BatchApi) -> Glossary:
        """Return the glossary of a batch API."""
        names = (*api.answers, *api.failures, api.key)
        return cls(api, frozenset(part for name in names for part in name.split(".")))

    def taken(self, words: Words, word: str) -> Words:
        """Return the words of what `word` takes of something taken by `words`: of a job perhaps the results themselves."""
        is_of_job = words[:1] == (JOB,)
        if is_of_job and word in self.api.inline:
            return ()
        if self.is_key(words) or self.is_failure(words):
            return words
        beyond = -1 if is_of_job else self.beyond(words)
        if beyond >= 0:
            return words if beyond > 1 else (*words[: len(words) - beyond], DEEPER if beyond else PART)
        return (*words, word) if word in self.telling and len(words) < _LONGEST and words[-1:] != (word,) else words

    def is_key(self, words: Words) -> bool:
        """Whether the key of a result was taken, or something of it."""
        return self.api.key in words

    def is_failure(self, words: Words) -> bool:
        """Whether the last word says what failed."""
        return any(words[-name.count(".") - 1 :] == tuple(name.split(".")) for name in self.api.failures)

    def beyond(self, words: Words) -> int:
        """Return how far inside of an answer something is: 2 for anything below its parts; -1 where no answer was taken."""
        for name in self.api.answers if words[:1] != (JOB,) else ():
            parts = tuple(name.split("."))
            for start in range(len(words) - len(parts) + 1):
                if words[start : start + len(parts)] == parts:
                    return {DEEPER: 2, PART: 1}.get(words[-1], 0)
        return -1

    def is_tested(self, words: Words) -> bool:
        """Whether a test of what was taken shows if there is an answer: a test of what leads to it, or of its first part."""
        if words[:1] == (JOB,):
            return False
        if self.beyond(words) in (0, 1):
            return True
        names = [tuple(name.split(".")) for name in self.api.answers]
        return any(words[-number:] == parts[:number] for parts in names for number in range(1, len(parts)))

    def is_whole(self, words: Words) -> bool:
        """Whether a whole result was taken, or several: something that failures could still be looked for in."""
        return words[:1] != (JOB,) and self.beyond(words) < 0 and not self.is_key(words)


def called(expr: Expr, name: str) -> Call | None:
    """Return the call of Python's function `name` that `expr` is, or that it wraps as its first argument."""
    depth = 0
    while isinstance(expr, Call) and depth < 4:
        if getattr(expr.function, "id", "") == name:
            return expr
        first = next((argument.value for argument in expr.arguments if argument.name is None), None)
        if first is None:
            return None
        expr, depth = first, depth + 1
    return None
