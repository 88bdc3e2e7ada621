"""First-party functions that a library decorated: task objects, and a first parameter that the decorator binds."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.catalogue.value_rows import Decorated
from surfacelint.facts.expressions import Call, Constant, Expr
from surfacelint.linking.evaluation.abstract_values import NONE, External, Task, Values
from surfacelint.linking.evaluation.evaluator_protocols import ExpressionEvaluator
from surfacelint.linking.evaluation.library_paths import paths_of
from surfacelint.linking.evaluation.program_index import ProgramIndex
from surfacelint.linking.evaluation.symbol_tables import FunctionNode


class Decorators:
    """Evaluates decorators that the catalogue lists, such as `celery.app.task`."""

    def __init__(self, program: ProgramIndex, expressions: ExpressionEvaluator) -> None:
        self._program = program
        self._expressions = expressions

    def attribute(self, id_: str, attr: str) -> Values:
        """Return an attribute that a decorator gave to a function, such as `delay` of a Celery task."""
        return next(((Task(id_, f"{row.of}.{attr}"),) for _, row in self._rows(self._program.function(id_))), NONE)

    def type_of(self, function: FunctionNode) -> str:
        """Return the path of the type that a function becomes under its decorators, empty if it stays a function."""
        return next((row.of for _, row in self._rows(function)), "") if function.outline.decorators else ""

    def first_parameter(self, function: FunctionNode) -> Values:
        """Return the object that a decorator passes as the first argument: `self` of `@app.task(bind=True)`."""
        for decorator, row in self._rows(function):
            given = decorator.arguments if isinstance(decorator, Call) else ()
            if any(argument.name == row.bind and argument.value == Constant(True) for argument in given):
                return (External(row.of),)
        return NONE

    def _rows(self, function: FunctionNode) -> Iterator[tuple[Expr, Decorated]]:
        """Yield the decorators of a function that the catalogue lists, each with its entry there."""
        for decorator in function.outline.decorators:
            named = decorator.function if isinstance(decorator, Call) else decorator
            for path in paths_of(self._expressions.evaluate(named, function.parent or function)):
                row = self._program.catalogue.decorated(path)
                if row is not None:
                    yield decorator, row
