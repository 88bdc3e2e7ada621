"""What a program does with the results of its batches: the fields it reads, the checks it makes, and joins by position.

Results are tracked through names, files, helpers and back to callers. The analysis knows a value by its *field path*: the attributes,
constant keys and methods by which it was taken from the results, in order, such as `("response", "body")`. Only fields that mean something
to the batch API are kept, so that a value has few possible field paths. Anything below an answer is `PART`, and anything below that is
`DEEPER`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from surfacelint.catalogue.provider_rows import BatchApi
from surfacelint.facts.expressions import Call, Expr, Span
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

FieldPath: TypeAlias = tuple[str, ...]

JOB = "<job>"
"""First field of the paths of values that were taken from a batch job instead of its results."""

PART = "."
"""A part of an answer."""

DEEPER = ".."
"""A part of a part of an answer."""

_LONGEST = 4
"""Fields in a path. Longer paths do not lead to an answer."""


@record(frozen=True, slots=True)
class Spot:
    """A place in a function."""

    function: FunctionNode
    span: Span


@record(frozen=True, slots=True)
class PositionalJoin:
    """A place where results are matched by position to something else, whose source text is `name`."""

    spot: Spot
    name: str


@dataclass(slots=True)
class ResultUse:
    """What one function, with the functions it calls, does with batch results.

    `answers` are the places that read answers of the model, and `joins` those that join results by position. `checked` is set if the code
    checks for failed requests, `keyed` if it reads the key of a result, `lost` if results go where they cannot be tracked, and `escaped`
    if they are left to unknown callers.
    """

    answers: dict[Spot, None] = field(default_factory=dict)
    joins: dict[PositionalJoin, None] = field(default_factory=dict)
    checked: bool = False
    keyed: bool = False
    lost: bool = False
    escaped: bool = False


@dataclass(slots=True)
class LoopIndex:
    """A loop variable that may index results (`counts_results`) and something else: the first such place, with the name."""

    counts_results: bool = False
    other: PositionalJoin | None = None


@dataclass(slots=True)
class Activation:
    """One abstract execution of a function.

    The field paths that values may have are kept by access path (`paths`), by the path of files that the function writes (`files`), and for
    its return value (`returned`). `outer` is the activation of the enclosing function.
    """

    function: FunctionNode
    paths: dict[str, set[FieldPath]]
    outer: Activation | None = None
    files: dict[Expr, set[FieldPath]] = field(default_factory=dict)
    indices: dict[str, LoopIndex] = field(default_factory=dict)
    returned: set[FieldPath] = field(default_factory=set)

    def add(self, key: str, paths: Iterable[FieldPath]) -> None:
        """Record field paths that the value of an access path may have."""
        self.paths.setdefault(key, set()).update(paths)

    def of(self, key: str) -> set[FieldPath]:
        """Return the field paths that the value of an access path may have, here or in an enclosing function."""
        here: Activation | None = self
        name = key.partition(".")[0]
        while here is not None:
            if key in here.paths:
                return here.paths[key]
            if name in here.function.names:
                break
            here = here.outer
        return set()

    @property
    def size(self) -> int:
        """The amount of information collected. It grows as long as another pass finds more."""
        held = sum(map(len, self.paths.values())) + sum(map(len, self.files.values())) + len(self.returned)
        return held + sum(index.counts_results + (index.other is not None) for index in self.indices.values())


@record(frozen=True, slots=True)
class ResultFields:
    """The meaning of field paths in the results of one batch API. `known` are the fields that mean something."""

    api: BatchApi
    known: frozenset[str]

    @classmethod
    def of(cls, api: BatchApi) -> ResultFields:
        """Return the result fields of a batch API, as described in the catalogue."""
        names = (*api.answers, *api.failures, api.key)
        return cls(api, frozenset(part for name in names for part in name.split(".")))

    def extend(self, path: FieldPath, field_name: str) -> FieldPath:
        """Return the field path of a field of the value at `path`. Some fields of a job are its results: their path is empty."""
        is_of_job = path[:1] == (JOB,)
        if is_of_job and field_name in self.api.inline:
            return ()
        if self.is_key(path) or self.is_failure(path):
            return path
        depth = -1 if is_of_job else self.depth_in_answer(path)
        if depth >= 0:
            return path if depth > 1 else (*path[: len(path) - depth], DEEPER if depth else PART)
        return (*path, field_name) if field_name in self.known and len(path) < _LONGEST and path[-1:] != (field_name,) else path

    def is_key(self, path: FieldPath) -> bool:
        """Whether a path leads to the key of a result (`custom_id`), or into it."""
        return self.api.key in path

    def is_failure(self, path: FieldPath) -> bool:
        """Whether a path ends in a field that describes a failed request."""
        return any(path[-name.count(".") - 1 :] == tuple(name.split(".")) for name in self.api.failures)

    def depth_in_answer(self, path: FieldPath) -> int:
        """Return how deep in an answer a path leads: 0 for the answer, 1 for a part, 2 for anything deeper, -1 outside of answers."""
        for name in self.api.answers if path[:1] != (JOB,) else ():
            parts = tuple(name.split("."))
            for start in range(len(path) - len(parts) + 1):
                if path[start : start + len(parts)] == parts:
                    return {DEEPER: 2, PART: 1}.get(path[-1], 0)
        return -1

    def proves_answer(self, path: FieldPath) -> bool:
        """Whether a test of the value at `path` shows that there is an answer: `path` leads towards an answer, or to its first part."""
        if path[:1] == (JOB,):
            return False
        if self.depth_in_answer(path) in (0, 1):
            return True
        names = [tuple(name.split(".")) for name in self.api.answers]
        return any(path[-number:] == parts[:number] for parts in names for number in range(1, len(parts)))

    def is_whole_result(self, path: FieldPath) -> bool:
        """Whether a path leads to one or more whole results, which may still be checked for failures."""
        return path[:1] != (JOB,) and self.depth_in_answer(path) < 0 and not self.is_key(path)


def called(expr: Expr, name: str) -> Call | None:
    """Return the call of the builtin `name` that `expr` is, or that it wraps as its first argument, as in `list(zip(xs, ys))`."""
    depth = 0
    while isinstance(expr, Call) and depth < 4:
        if getattr(expr.function, "id", "") == name:
            return expr
        first = next((argument.value for argument in expr.arguments if argument.name is None), None)
        if first is None:
            return None
        expr, depth = first, depth + 1
    return None
