"""The body of a function: its statements in source order, for judgement. `extraction.body_extraction` creates it for candidates.

Expressions are those of `facts.expressions`, so the outline and the body of a function agree on every call and its span.
"""

from __future__ import annotations

from typing import TypeAlias

from surfacelint.facts.expressions import Expr, Span
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class Assign:
    """`targets = value`; an unpacking target is a `Collection`."""

    targets: tuple[Expr, ...]
    value: Expr
    span: Span


@record(frozen=True, slots=True)
class Augment:
    """`target += value` and other augmented assignments."""

    target: Expr
    value: Expr
    span: Span


@record(frozen=True, slots=True)
class Evaluate:
    """An expression statement, or another statement that only evaluates: `assert`, `del`."""

    value: Expr
    span: Span


@record(frozen=True, slots=True)
class For:
    """`for target in iterable`, async or not. `span` ends with the iterable."""

    target: Expr
    iterable: Expr
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...]
    is_async: bool
    span: Span


@record(frozen=True, slots=True)
class While:
    """`while test`."""

    test: Expr
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...]
    span: Span


@record(frozen=True, slots=True)
class If:
    """`if test`, and each case of a `match`."""

    test: Expr
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...]
    span: Span


@record(frozen=True, slots=True)
class Handler:
    """`except type as name`."""

    type: Expr | None
    name: str | None
    body: tuple[Statement, ...]


@record(frozen=True, slots=True)
class Try:
    """`try` with its parts."""

    body: tuple[Statement, ...]
    handlers: tuple[Handler, ...]
    orelse: tuple[Statement, ...]
    final: tuple[Statement, ...]
    span: Span


@record(frozen=True, slots=True)
class With:
    """`with value as target, …`; a target of `None` means no `as`."""

    items: tuple[tuple[Expr, Expr | None], ...]
    body: tuple[Statement, ...]
    is_async: bool
    span: Span


@record(frozen=True, slots=True)
class Return:
    """`return value`."""

    value: Expr | None
    span: Span


@record(frozen=True, slots=True)
class Raise:
    """`raise value`."""

    value: Expr | None
    span: Span


@record(frozen=True, slots=True)
class Leave:
    """`break` or `continue`, as `kind` says."""

    kind: str
    span: Span


Statement: TypeAlias = Assign | Augment | Evaluate | For | While | If | Try | With | Return | Raise | Leave


@record(frozen=True, slots=True)
class Comment:
    """A `# surfacelint:` comment on a 1-based line. `text` is without the leading `#`."""

    line: int
    text: str


@record(frozen=True, slots=True)
class Body:
    """The statements of one function and the comments among them."""

    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
