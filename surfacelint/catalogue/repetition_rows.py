"""Rows about repetition: what runs a callable many times, shows the progress of a loop, or bounds its items."""

from __future__ import annotations

from typing import Literal, TypeAlias

from surfacelint.system.records import record

Style: TypeAlias = Literal[
    "iterable",
    "awaitables",
    "callable",
    "context",
    "manual",
    "method",
    "spinner",
    "registration",
    "remote",
    "channel",
    "store",
    "stream",
]
Audience: TypeAlias = Literal["terminal", "notebook", "browser", "remote"]
Items: TypeAlias = Literal["argument", "arguments", "receiver", "loop", "none"]
Per: TypeAlias = Literal["item", "chunk", "group", "partition", "once"]
RetryKind: TypeAlias = Literal["decorator", "iterator", "call", "method"]
Effect: TypeAlias = Literal["same", "fewer", "chunks", "source", "endless", "product", "hits", "queue", "range"]


@record(frozen=True, slots=True)
class Progress:
    """A progress display, or a call by which a job reports its progress to other processes.

    - `style`: how code uses it. Reports are `remote` (the call only reports progress), `channel` (it carries messages, some
      of which may be counts), `store` (it saves what was set on an object) or `stream` (it sends what its argument yields).
    - `argument`, `keywords`: where the wrapped iterable is passed; with `all_arguments`, every positional is wrapped.
    - `callable`, `callable_keywords`: where the mapped callable is passed.
    - `audience`: where the display appears. `counts`: it shows N of M. `concurrent`: it overlaps the calls itself.
    - `advance`: the methods that move a manual bar.
    """

    name: str
    paths: tuple[str, ...]
    style: Style
    audience: Audience
    counts: bool
    concurrent: bool = False
    argument: int | None = None
    keywords: tuple[str, ...] = ()
    all_arguments: bool = False
    callable: int | None = None
    callable_keywords: tuple[str, ...] = ()
    advance: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class Repetition:
    """A callable that runs another callable many times, or starts one run of it.

    - `paths`: `?.apply` is the method `apply` of a receiver of unknown type.
    - `callable`, `callable_keywords`: where the repeated callable is passed. Without either, the receiver is the callable
      (`task.map(xs)`).
    - `items`: what it iterates over: `argument` (at `argument`/`keywords`), `arguments` (all positionals from `argument`
      on), `receiver`, `loop` (it runs once; the surrounding loop repeats it) or `none`.
    - `per`: what one run handles: an item, a chunk, a group, a partition, or everything (`once`).
    - `concurrent`: runs overlap. `serial_unless`: a keyword that must be given, with a value other than 1, for that
      (joblib's `n_jobs`). `workers`: keywords of the number of workers.
    - `starts`: the call starts one run and returns at once (submit, create_task, delay).
    - `dependent`: a fold, in which each run needs the result of the one before.
    - `rows`: a per-row method of a table or dataset.
    - `requires`: literal keyword arguments without which it does not run per item (`axis=1`).
    - `root`: a package that the module must import.
    - `elsewhere`: it runs the callable later, or on other machines.
    - `method`: the method that runs if the callable is an object or a class (Beam's `process`).
    """

    name: str
    paths: tuple[str, ...]
    items: Items
    per: Per
    concurrent: bool
    callable: int | None = None
    callable_keywords: tuple[str, ...] = ()
    argument: int | None = None
    keywords: tuple[str, ...] = ()
    starts: bool = False
    dependent: bool = False
    rows: bool = False
    serial_unless: str = ""
    workers: tuple[str, ...] = ()
    requires: tuple[tuple[str, str], ...] = ()
    root: str = ""
    method: str = ""
    elsewhere: bool = False


@record(frozen=True, slots=True)
class Limiter:
    """A context manager that limits concurrency, such as a semaphore.

    The limit is passed at position `argument` or by one of `keywords`. A lock has neither and admits one at a time.
    """

    name: str
    paths: tuple[str, ...]
    argument: int | None = None
    keywords: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class Retry:
    """A retry helper. One of kind `call` retries the callable that it gets at position `callable`."""

    name: str
    paths: tuple[str, ...]
    kind: RetryKind
    callable: int | None = None


@record(frozen=True, slots=True)
class Iteration:
    """A call in the iterable of a loop that tells how many items there are, or of what kind.

    `effect` is one of:

    - `same`: as many items as its argument has.
    - `fewer`: at most the constant at `limit`/`limit_keywords`, or as many as its argument has.
    - `chunks`: groups of items.
    - `source`: rows of a file, table, dataset or folder, at most the constant at `limit`.
    - `range`: numbers, from a start up to an end by steps.
    - `queue`: the next item of a queue that the program may fill.
    - `hits`: the few results of a search.
    - `endless`, `product`.

    `argument` is the position of the iterable, `-1` the receiver; with `all_arguments` it takes several iterables.
    """

    name: str
    paths: tuple[str, ...]
    effect: Effect
    argument: int = 0
    all_arguments: bool = False
    limit: int | None = None
    limit_keywords: tuple[str, ...] = ()
