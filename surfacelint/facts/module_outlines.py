"""The outline of a module: what linking needs, and no more. Made by `extraction.outline_extraction` from the standard `ast`."""

from __future__ import annotations

import re

from surfacelint.facts.expressions import Call, Expr, Position, Span
from surfacelint.system.records import record

MODULE_BODY = "<module>"
LAMBDA = "<lambda>"
"""The title of every lambda."""

_PLACE = re.compile(r"@\d+(\.\d+)?")


def title(qualname: str) -> str:
    """Return a qualname as users know it: without the places that tell functions of one name apart."""
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
    """One name bound by an import statement, as spelled.

    `from m import s as n` binds `n` to `symbol` s of `module` m; a star import has the name and the symbol `"*"`.
    `import a.b as c` binds `c` to the module `a.b` itself and has an empty symbol; `import a.b` binds only `a`,
    `module` still says `a.b`, and the symbol is `None`. `level` counts the leading dots.
    """

    name: str
    module: str
    symbol: str | None = None
    level: int = 0


@record(frozen=True, slots=True)
class Binding:
    """`target` (a name, an attribute of a name, or a subscript of one) may hold `value` after the statement at `start`."""

    target: Expr
    value: Expr
    annotation: Expr | None = None
    start: Position | None = None


@record(frozen=True, slots=True)
class CallSite:
    """A call in a function: whether that function repeats it in a loop or comprehension, and whether it is awaited.

    `start` is where its statement starts.
    """

    call: Call
    repeated: bool
    awaited: bool
    start: Position | None = None


@record(frozen=True, slots=True)
class FunctionOutline:
    """A function, method, lambda, or the body of a module (`<module>`).

    `owner` is the class that it is a method of, `parent` the function in whose scope it is defined (never a class);
    both are qualnames within the module. `definitions` maps the names of functions and classes defined directly in its
    scope to their qualnames. `lines` are the 1-based first and last line, decorators included.
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

    @property
    def evaluated(self) -> tuple[Expr, ...]:
        """What it evaluates, as far as an outline says: its calls, what it binds names to, and what it returns."""
        return (*[site.call for site in self.calls], *[binding.value for binding in self.bindings], *self.returns)

    @property
    def title(self) -> str:
        """The qualname as users know it: without the places that tell functions of one name apart."""
        return title(self.qualname)

    @property
    def name(self) -> str:
        """The name that the function is defined by."""
        return self.title.rpartition(".")[2]


@record(frozen=True, slots=True)
class ClassOutline:
    """A class. `bindings` are those of its own body, `methods` and `classes` map names to qualnames.

    `lines` are the 1-based first and last line, decorators included.
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
    """One module, independent of where its file lies. `functions[0]` is the module body."""

    functions: tuple[FunctionOutline, ...]
    classes: tuple[ClassOutline, ...]
