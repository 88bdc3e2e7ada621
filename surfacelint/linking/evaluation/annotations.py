"""What annotations say: an instance of a class, or a container of such instances."""

from __future__ import annotations

from typing import Literal, TypeAlias

from surfacelint.facts.expressions import Attribute, Call, Collection, Composite, Constant, Expr, Name, Subscript
from surfacelint.linking.evaluation.abstract_values import (
    NONE,
    Class,
    External,
    Instance,
    Items,
    Parameter,
    Value,
    Values,
    WrittenContainer,
    external,
    keyed,
    listed,
    union,
)
from surfacelint.linking.evaluation.caller_arguments import CallerArguments
from surfacelint.linking.evaluation.class_hierarchy import Classes
from surfacelint.linking.evaluation.evaluator_protocols import ExpressionEvaluator, ValueEvaluator
from surfacelint.linking.evaluation.held_objects import is_holder
from surfacelint.linking.evaluation.library_paths import is_answer, is_client
from surfacelint.linking.evaluation.program_index import ProgramIndex
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_UNWRAPPED = frozenset(
    {
        "Optional",
        "Union",
        "Annotated",
        "Final",
        "ClassVar",
        "Awaitable",
        "Coroutine",
        "NotRequired",
        "Required",
        "ReadOnly",
        "InitVar",
        # pydantic
        "SerializeAsAny",
        "InstanceOf",
        "SkipValidation",
        # SQLAlchemy
        "Mapped",
        "DynamicMapped",
        "WriteOnlyMapped",
    }
)
"""Typing forms that mean the same as their arguments."""

_LISTS = frozenset(
    {
        "list",
        "set",
        "frozenset",
        "deque",
        "Collection",
        "Container",
        "Iterable",
        "Iterator",
        "Generator",
        "Reversible",
        "Sequence",
        "MutableSequence",
        "AbstractSet",
        "MutableSet",
        "ValuesView",
        "AsyncIterable",
        "AsyncIterator",
        "AsyncGenerator",
        # what is entered is the item
        "ContextManager",
        "AsyncContextManager",
        "AbstractContextManager",
        "AbstractAsyncContextManager",
    }
)
"""Generic types whose first argument is the type of their items. `typing.List` is another name of `list`."""

_DICTS = frozenset({"dict", "defaultdict", "OrderedDict", "ChainMap", "Mapping", "MutableMapping"})
"""Generic types whose second argument is the type of their values."""

_PLAIN_ROOTS = frozenset({"builtins", "typing", "typing_extensions", "collections", "types", "contextlib"})

_CAPITALISED = {"List": "list", "Set": "set", "FrozenSet": "frozenset", "Deque": "deque", "Dict": "dict", "DefaultDict": "defaultdict"}

Telling: TypeAlias = Literal["", "whole", "all"]


class Annotations:
    """Evaluates annotations."""

    def __init__(
        self,
        program: ProgramIndex,
        expressions: ExpressionEvaluator,
        values: ValueEvaluator,
        classes: Classes,
        caller_arguments: CallerArguments,
    ) -> None:
        self._program = program
        self._memo = program.memo
        self._expressions = expressions
        self._values = values
        self._everywhere = caller_arguments.everywhere
        self._classes = classes

    def annotated(self, expr: Expr, scope: FunctionNode) -> Values:
        """Return an instance of the annotated type, or a container of such; nothing for plain types and containers of them."""
        match expr:
            case Subscript(value=Name(id=form) | Attribute(attr=form), index=index) if form in _UNWRAPPED:
                return self._unwrapped(form, index, scope)
            case Subscript(value=generic, index=index):
                return self._generic(generic, index.items if isinstance(index, Collection) else (index,), scope)
            case Composite(operator="|", parts=parts):
                return union([self.annotated(part, scope) for part in parts])
            case Name() | Attribute():
                return union([self._instance(value) for value in self._expressions.evaluate(expr, scope)])
            case Constant(value=str(name)) if name.isidentifier():  # a class that is quoted inside of an annotation
                return self.annotated(Name(name), scope)
            case _:
                return NONE

    def _unwrapped(self, form: str, index: Expr, scope: FunctionNode) -> Values:
        parts = index.items if isinstance(index, Collection) else (index,)
        if form == "Annotated":
            # An injected value says more than the declared type.
            injected = union([self._expressions.evaluate(part, scope) for part in parts[1:] if isinstance(part, Call)])
            return self.injected(injected) or self.annotated(parts[0], scope)
        return union([self.annotated(part, scope) for part in (parts[-1:] if form == "Coroutine" else parts)])

    def _generic(self, generic: Expr, parts: tuple[Expr, ...], scope: FunctionNode) -> Values:
        """Return the container that a generic type with the arguments `parts` declares, or an instance of a generic class."""
        for value in self._expressions.evaluate(generic, scope):
            if isinstance(value, Class):
                return (Instance(value.id),)
            if isinstance(value, External):
                root, _, name = value.path.rpartition(".")
                if root.partition(".")[0] in _PLAIN_ROOTS:
                    return self._container(_CAPITALISED.get(name, name), parts, scope)
                path = f"{value.path}()"
                holds = is_holder(self._program.catalogue, path)
                return external(path, element=self._content(parts[-1], scope) if holds else NONE)
        return NONE

    def _container(self, name: str, parts: tuple[Expr, ...], scope: FunctionNode) -> Values:
        if name in _LISTS:
            return listed(self._content(parts[0], scope))
        if name in _DICTS:
            return keyed(self._content(parts[-1], scope))
        if name in ("type", "Type"):
            classes = union([self._expressions.evaluate(part, scope) for part in parts])
            return tuple([Class(value.id, declared=True) for value in classes if isinstance(value, Class)])
        if name in ("tuple", "Tuple"):
            contents = tuple(self._content(part, scope) for part in parts)
            if contents[1:] and parts[-1] == Constant("ellipsis"):
                return listed(contents[0])
            return (Items(contents),) if any(contents) else NONE
        return NONE

    def _content(self, expr: Expr, scope: FunctionNode) -> Values:
        """Return what a container is declared to hold, as far as a request can be made with it."""
        values = self.annotated(expr, scope)
        return tuple(
            [value for value in values if not isinstance(value, External) or value.element or self._is_client(value) or self._runs(value)]
        )

    def _runs(self, value: External) -> bool:
        """Whether a library object runs functions that it is passed, as a pool does."""
        repetition = self._program.catalogue.repetition
        return repetition(f"{value.path}.map") is not None or repetition(f"{value.path}.submit") is not None

    def injected(self, values: Values) -> Values:
        """Return the values without library objects other than clients and progress displays."""
        return tuple(
            [value for value in values if not isinstance(value, External) or self._is_client(value) or self._shows_progress(value)]
        )

    def _is_client(self, value: External) -> bool:
        return is_client(self._program.catalogue, value)

    def _shows_progress(self, value: External) -> bool:
        return self._program.catalogue.progress(value.path.removesuffix("()")) is not None

    def _instance(self, value: Value) -> Values:
        if isinstance(value, Class):
            return (Instance(value.id),)
        if isinstance(value, External) and value.path.partition(".")[0] not in _PLAIN_ROOTS:
            return external(f"{value.path}()")
        return NONE

    # What is more than an annotation says.

    def completed(self, values: Values, annotation: Expr | None, scope: FunctionNode, *, telling: Telling = "") -> Values:
        """Return the values of something, and what its annotation says if the values are not telling.

        `telling` says which parameters among them are: `all`, because arguments replace them later, or those that are passed on `whole`.
        """
        if annotation is None:
            return values
        key = ("declared", scope.id, id(annotation))
        declared = self._memo.answer(key, lambda: self.annotated(annotation, scope), annotation)
        if not values or not declared:
            return values or declared
        return values if self._are_telling(values, telling) else union([values, declared])

    def _are_telling(self, values: Values, telling: Telling) -> bool:
        """Whether values say what something is. What a library made of data does not, nor does a container of unknown contents."""
        seen: set[Value] = set()
        waiting = list(values)
        while waiting:
            value = waiting.pop()
            if value in seen:
                continue
            seen.add(value)
            match value:
                case External(path=path, element=element):
                    catalogue = self._program.catalogue
                    if element or (catalogue.knows(path.partition("(")[0]) and not is_answer(catalogue, value)):
                        return True
                case Parameter(path=path) if telling != "all" and (path or not telling):
                    waiting += self._everywhere((value,))
                case Items(items=items):
                    waiting += [inner for item in items for inner in item]
                case WrittenContainer():
                    waiting += self._values.follow((value,), "[]")
                case _:
                    return True
        return False

    def leaves_open(self, value: Value) -> bool:
        """Whether a declared type says too little: callers may pass an object of a class that is not known to belong to it."""
        match value:
            case Instance():
                return self._classes.is_unmet_protocol(value)
            case External(path=path):
                catalogue = self._program.catalogue
                is_wide = self._is_client(value) and catalogue.canonical(path) not in catalogue.client_types
                return is_wide or bool(self._classes.subclasses(path.removesuffix("()")))
            case Items(items=items):
                return any(self.leaves_open(inner) for item in items for inner in item)
            case _:
                return False
