"""Objects that collections and queries of a library hold, and what their methods give back of them."""

from __future__ import annotations

from collections.abc import Callable

from surfacelint.catalogue.index import Catalogue
from surfacelint.linking.evaluation.abstract_values import NONE, External, Items, Values, keyed, listed

HELD: dict[str, Callable[[Values], Values]] = {
    "item": lambda element: element,
    "items": listed,
    "named-items": keyed,
    "item-and-more": lambda element: (Items((element, NONE)),),
}
"""The words of `Returns.value` for what a receiver holds, and what a method gives back of it."""


def given_back(word: str, element: Values) -> Values:
    """Return what a method gives back of what its receiver holds; nothing for other words of `Returns.value`."""
    held = HELD.get(word)
    return held(element) if held is not None and element else NONE


def is_holder(catalogue: Catalogue, path: str) -> bool:
    """Whether an object of a library holds other objects: a manager, a query."""
    return catalogue.canonical(path) in catalogue.holders


def bound(catalogue: Catalogue, value: External, element: Values) -> Values:
    """Return a library value that is made of an object of unknown contents, now that its contents are known."""
    if is_holder(catalogue, value.path):
        return (External(value.path, value.host, element),)
    row = catalogue.returns(value.path)
    return (NONE if row is None else given_back(row.value, element)) or (value,)
