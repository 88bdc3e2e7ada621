"""Kinds of methods by their decorators and names: static, class method, property, abstract."""

from __future__ import annotations

from surfacelint.facts.expressions import Name, dotted
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

CONSTRUCTORS = ("__init__", "__new__", "__post_init__")
"""Methods that run when an instance is made."""

_PROPERTIES = frozenset({"property", "cached_property", "functools.cached_property", "abc.abstractproperty"})


def is_static(function: FunctionNode) -> bool:
    """Whether a method gets no receiver."""
    return any(isinstance(decorator, Name) and decorator.id == "staticmethod" for decorator in function.outline.decorators)


def is_class_method(function: FunctionNode) -> bool:
    """Whether a method's receiver is the class."""
    name = function.outline.name
    decorated = any(isinstance(decorator, Name) and decorator.id == "classmethod" for decorator in function.outline.decorators)
    return decorated or name in ("__new__", "__init_subclass__", "__class_getitem__")


def is_property(function: FunctionNode) -> bool:
    """Whether a method is read like an attribute."""
    return any(dotted(decorator) in _PROPERTIES for decorator in function.outline.decorators)


def is_abstract(function: FunctionNode) -> bool:
    """Whether a method only declares what subclasses have to define."""
    return any((dotted(decorator) or "").rpartition(".")[2] == "abstractmethod" for decorator in function.outline.decorators)
