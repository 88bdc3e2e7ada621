"""Narrows values by what conditions say about their classes: `isinstance(model, Own)`, `case Own():`."""

from __future__ import annotations

from surfacelint.facts.expressions import Attribute, Name, Position
from surfacelint.facts.module_outlines import Narrowing
from surfacelint.linking.evaluation.abstract_values import Class, External, Instance, Parameter, Value, Values, external, union
from surfacelint.linking.evaluation.caller_arguments import CallerArguments
from surfacelint.linking.evaluation.class_hierarchy import Classes
from surfacelint.linking.evaluation.evaluator_protocols import ExpressionEvaluator
from surfacelint.linking.evaluation.library_paths import is_client
from surfacelint.linking.evaluation.program_index import ProgramIndex
from surfacelint.linking.evaluation.symbol_tables import ClassNode, FunctionNode


def narrowings_at(expr: Name | Attribute, scope: FunctionNode, place: Position) -> list[Narrowing]:
    """Return what conditions say about an expression at a place."""
    return [
        narrowing
        for here in scope.scopes()
        for narrowing in here.outline.narrowings
        if narrowing.span.start <= place < narrowing.span.end and narrowing.target == expr
    ]


class TypeNarrowing:
    """Narrows values by conditions."""

    def __init__(
        self, program: ProgramIndex, expressions: ExpressionEvaluator, classes: Classes, caller_arguments: CallerArguments
    ) -> None:
        self._catalogue = program.catalogue
        self._expressions = expressions
        self._classes = classes
        self._everywhere = caller_arguments.everywhere

    def narrowed(self, values: Values, tests: list[Narrowing], scope: FunctionNode) -> Values:
        """Return the values that an expression may still have where conditions have told its class."""
        for test in tests:
            named = [self._expressions.evaluate(class_, scope) for class_ in test.classes]
            classes = [value for value in union(named) if isinstance(value, Class | External)]
            if all(named) and not any(_is_plain(class_) for class_ in classes):
                values = self._without(values, classes) if test.negated else self._only(values, classes)
        return values

    def _only(self, values: Values, classes: list[Class | External]) -> Values:
        """Return those of the values that are of one of the classes. A value that may be of it becomes an instance of it."""
        known = self._everywhere(values)
        kept = [value for value in known if any(self._is_of(value, class_) for class_ in classes)]
        if not kept and any(isinstance(class_, External) for class_ in classes):
            # Which library class inherits from which is unknown.
            kept = [value for value in known if isinstance(value, External) and is_client(self._catalogue, value)]
        return tuple(kept) or union([_instance(class_) for class_ in classes])

    def _without(self, values: Values, classes: list[Class | External]) -> Values:
        """Return the values that are of none of the classes."""

        def fits(value: Value) -> bool:
            return not any(self._is_of(value, class_) for class_ in classes)

        found: list[Values] = []
        for value in values:
            passed = self._everywhere((value,)) if isinstance(value, Parameter) else (value,)
            left = tuple(filter(fits, passed))
            found.append((value,) if len(left) == len(passed) else left)
        return union(found)

    def _is_of(self, value: Value, class_: Class | External) -> bool:
        """Whether a value is an instance of a class."""
        if isinstance(value, Instance):
            lineage = self._classes.bases(value.id)
            if isinstance(class_, Class):
                return any(isinstance(base, ClassNode) and base.id == class_.id for base in lineage)
            return any(isinstance(base, External) and self._same(base.path, class_.path) for base in lineage)
        return isinstance(value, External) and isinstance(class_, External) and self._same(value.path, f"{class_.path}()")

    def _same(self, path: str, other: str) -> bool:
        return self._catalogue.canonical(path) == self._catalogue.canonical(other)


def _is_plain(class_: Class | External) -> bool:
    """Whether a class is one of Python itself. Nothing can be asked of its instances."""
    return isinstance(class_, External) and class_.path.partition(".")[0] in ("builtins", "typing", "collections", "types")


def _instance(class_: Class | External) -> Values:
    return (Instance(class_.id),) if isinstance(class_, Class) else external(f"{class_.path}()")
