"""The outline of a module: imports, definitions, bindings and calls, for linking. `extraction.outline_extraction` creates it."""

from __future__ import annotations

import re

from surfacelint.facts.expressions import Call, Expr, Position, Span
from surfacelint.system.records import record

MODULE_BODY = "<module>"
LAMBDA = "<lambda>"
"""The title of all lambdas."""

_PLACE = re.compile(r"@\d+(\.\d+)?")


def title(qualname: str) -> str:
    """Return a qualname as users know it: without the positions that distinguish functions of the same name."""
    return _PLACE.sub("", qualname)


def lambda_name(span: Span) -> str:
    """Return the qualname of the lambda at `span`."""
    return f"{LAMBDA}@{span.start.line}.{span.start.column}"


@record(frozen=True, slots=True)
class Parameter:
    """One parameter. `kind` is `"positional"`, `"keyword"`, `"*"` or `"**"`."""

    name: str
    kind: str
    annotation: Expr | None = None
    default: Expr | None = None


@record(frozen=True, slots=True)
class Import:
    """One name that an import statement binds.

    - `from m import s as n` binds `name` n to `symbol` s of `module` m. A star import has the name and symbol `"*"`.
    - `import a.b as c` binds `c` to the module `a.b` and has an empty symbol.
    - `import a.b` binds only `a`; `module` is still `a.b`, and the symbol is `None`.

    `level` counts the leading dots.
    """

    name: str
    module: str
    symbol: str | None = None
    level: int = 0


@record(frozen=True, slots=True)
class Binding:
    """An assignment: `target` (a name, attribute or subscript) may have the value `value` after the statement at `start`."""

    target: Expr
    value: Expr
    annotation: Expr | None = None
    start: Position | None = None


@record(frozen=True, slots=True)
class CallSite:
    """A call in a function. `repeated`: it is in a loop or comprehension there. `start` is the start of its statement."""

    call: Call
    repeated: bool
    awaited: bool
    start: Position | None = None


@record(frozen=True, slots=True)
class Narrowing:
    """A part of a function in which `target` is an instance of one of `classes`, or, if `negated`, of none of them."""

    target: Expr
    classes: tuple[Expr, ...]
    negated: bool
    span: Span


@record(frozen=True, slots=True)
class Branch:
    """Calls of a function that run only if a test is true (`holds`) or false: those with the numbers `first` to `end`, without `end`."""

    test: Expr
    holds: bool
    first: int
    end: int


@record(frozen=True, slots=True)
class FunctionOutline:
    """A function, method, lambda, or the body of a module (`<module>`).

    - `branches`: the tests that decide which of its calls run, as far as they read only names, attributes, entries and constants.
    - `owner`: the class of a method. `parent`: the enclosing function, never a class. Both are qualnames in the module.
    - `definitions`: names of the functions and classes defined directly in its scope, with their qualnames.
    - `lines`: the 1-based first and last line, including decorators.
    """

    qualname: str
    owner: str | None
    parent: str | None
    parameters: tuple[Parameter, ...]
    decorators: tuple[Expr, ...]
    is_async: bool
    is_generator: bool
    imports: tuple[Import, ...]
    bindings: tuple[Binding, ...]
    calls: tuple[CallSite, ...]
    returns: tuple[Expr, ...]
    definitions: tuple[tuple[str, str], ...]
    global_names: tuple[str, ...]
    span: Span
    lines: tuple[int, int]
    return_annotation: Expr | None = None
    narrowings: tuple[Narrowing, ...] = ()
    branches: tuple[Branch, ...] = ()

    @property
    def evaluated(self) -> tuple[Expr, ...]:
        """The expressions of the function that the outline has: its calls, the values it binds, and the values it returns."""
        return (*[site.call for site in self.calls], *[binding.value for binding in self.bindings], *self.returns)

    @property
    def title(self) -> str:
        """The qualname as users know it: without the positions that distinguish functions of the same name."""
        return title(self.qualname)

    @property
    def name(self) -> str:
        """The name in the definition of the function."""
        return self.title.rpartition(".")[2]


@record(frozen=True, slots=True)
class ClassOutline:
    """A class. `bindings` are those of its own body. `methods` and `classes` are names with their qualnames.

    `lines` are the 1-based first and last line, including decorators.
    """

    qualname: str
    parent: str | None
    bases: tuple[Expr, ...]
    decorators: tuple[Expr, ...]
    bindings: tuple[Binding, ...]
    methods: tuple[tuple[str, str], ...]
    classes: tuple[tuple[str, str], ...]
    span: Span
    lines: tuple[int, int]


@record(frozen=True, slots=True)
class ModuleOutline:
    """One module, independent of the location of its file. `functions[0]` is the module body."""

    functions: tuple[FunctionOutline, ...]
    classes: tuple[ClassOutline, ...]
