"""Values of the arguments of one call: callables, constants, the price tier and the model, and what a library hands to callables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.provider_rows import Model, Tier
from surfacelint.facts.expressions import Argument, Collection, Constant, Element, Mapping, Starred
from surfacelint.linking.evaluation.abstract_values import Text, Values
from surfacelint.linking.evaluation.call_arguments import PassedArguments
from surfacelint.linking.evaluation.constants import constant, definition, member
from surfacelint.linking.evaluation.library_paths import BODY_KEYWORDS
from surfacelint.linking.evaluation.resolver import Resolver


class CallArguments:
    """Evaluates arguments of calls."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue) -> None:
        self._resolver = resolver
        self._catalogue = catalogue

    def callables(self, given: PassedArguments, position: int | None, keywords: Sequence[str]) -> Values:
        """Return the values of a callback argument, found by one of its keywords or by position."""
        named = [(scope, argument) for scope, argument in given.arguments if argument.name is not None and argument.name in keywords]
        positional = [(scope, argument) for scope, argument in given.arguments if argument.name is None and not argument.star]
        if not named and position is not None and position < len(positional):
            named = [positional[position]]
        if not named:
            return ()
        scope, argument = named[0]
        return self._resolver.evaluate(argument.value, self._resolver.function(scope))

    def meet(self, requires: Sequence[tuple[str, str]], given: PassedArguments) -> bool:
        """Whether arguments have the constant values that a catalogue entry requires."""
        return all(str(self.keyword(given, name)) in value.split("|") for name, value in requires)

    def keyword(self, given: PassedArguments, name: str) -> object:
        """Return the constant value of a keyword argument, `None` if it is missing or not constant."""
        for scope, argument in given.arguments:
            if argument.name == name:
                return constant(self._resolver, argument.value, self._resolver.function(scope))
        return None

    def tier_value(self, given: PassedArguments, tier: Tier) -> object:
        """Return the value that a request passes for the keyword of a tier, which may be inside a dict or object argument."""
        keyword, _, inner = tier.keyword.partition(".")
        if not inner:
            return self.keyword(given, keyword) or self._further(given, keyword)
        for scope, argument in given.arguments:
            if argument.name == keyword:
                function = self._resolver.function(scope)
                value, function = definition(self._resolver, argument.value, function) or (argument.value, function)
                part = member(value, inner)
                return None if part is None else constant(self._resolver, part, function)
        return None

    def _further(self, given: PassedArguments, name: str) -> object:
        """Return the constant value for `name` in `**options`, or in a dict of further parameters such as `extra_body`."""
        for scope, argument in given.arguments:
            if argument.star == "**" or argument.name in BODY_KEYWORDS:
                function = self._resolver.function(scope)
                value, function = definition(self._resolver, argument.value, function) or (argument.value, function)
                part = member(value, name)
                if part is not None:
                    return constant(self._resolver, part, function)
        return None

    def is_default_model(self, given: PassedArguments) -> bool:
        """Whether whoever runs the program may choose another model than the one that a request names."""
        return any(name.default for name in self._models(given))

    def models(self, given: PassedArguments) -> list[tuple[Model | None, tuple[str, ...]]]:
        """Return the model that a request names, if all possible ones are of one provider.

        If a local model is possible and another one too, they are apart, each with the names for which it is the one.
        """
        named = {text.value: self._catalogue.model(text.value) for text in self._models(given)}
        local: dict[str, Model | None] = {name: model for name, model in named.items() if model is not None and model.local}
        hosted = {name: model for name, model in named.items() if name not in local}
        if not local or not hosted:
            return [(_only(local or hosted), ())]
        return [(_only(group), tuple(group)) for group in (local, hosted)]

    def _models(self, given: PassedArguments) -> list[Text]:
        """Return the names of models that a request may name. Those of command-line options are defaults."""
        values = [
            self._resolver.evaluate(argument.value, self._resolver.function(scope))
            for scope, argument in given.arguments
            if argument.name == "model"
        ]
        return [text for each in values for text in self._resolver.clients.texts(each)]


def _only(models: dict[str, Model | None]) -> Model | None:
    """Return the model of a few if they are all of one provider."""
    found = list(models.values())
    providers = {None if model is None else model.provider for model in found}
    return found[0] if len(providers) == 1 or (found and all(model is not None and model.local for model in found)) else None


def after(given: PassedArguments, position: int | None) -> tuple[tuple[str, Argument], ...]:
    """Return the arguments after the positional one at `position`, keywords included."""
    if position is None:
        return given.arguments
    found = []
    number = -1
    for scope, argument in given.arguments:
        if argument.name is None:
            number += 1
            if number > position:
                found.append((scope, argument))
        else:
            found.append((scope, argument))
    return tuple(found)


def unpacked(given: PassedArguments, keywords: tuple[str, ...]) -> Iterator[tuple[str, Argument]]:
    """Yield the arguments of a callback that are packed into displays: `Thread(target=work, args=(queue,), kwargs={"size": 5})`."""
    for scope, argument in given.arguments:
        value = argument.value if argument.name in keywords else None
        if isinstance(value, Collection):
            yield from ((scope, Argument(item.value, star="*") if isinstance(item, Starred) else Argument(item)) for item in value.items)
        elif isinstance(value, Mapping):
            for key, item in zip(value.keys, value.values, strict=True):
                if isinstance(key, Constant) and isinstance(key.value, str):
                    yield scope, Argument(item, key.value)


def each_argument(arguments: Iterable[tuple[str, Argument]]) -> PassedArguments:
    """Return the arguments of one run where a library iterates over the arguments."""
    each = [(scope, Argument(Element(argument.value))) for scope, argument in arguments if argument.name is None and not argument.star]
    return PassedArguments(tuple(each), unknown=True)
