"""Calls and attributes of library values: paths grow, unless the catalogue or Python itself says what comes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.path_segments import prefixes
from surfacelint.catalogue.value_rows import Returns
from surfacelint.facts.expressions import Expr
from surfacelint.linking.evaluation.abstract_values import (
    NONE,
    External,
    Function,
    Items,
    Method,
    Parameter,
    Partial,
    Text,
    Values,
    external,
    union,
)
from surfacelint.linking.evaluation.call_arguments import Passed
from surfacelint.linking.evaluation.option_defaults import option_default
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

if TYPE_CHECKING:
    from surfacelint.linking.evaluation.resolver import Resolver

URL_KEYWORDS = frozenset({"base_url", "api_base", "openai_api_base", "server_url", "endpoint_url", "api_host"})
"""Keywords by which clients are pointed to another host."""

_WHOLE_HOST = re.compile(r"https?://[^/]*[^/.]\.[a-z]{2,}(?:[:/]|$)")
"""A URL whose host is complete, so that one that we do not know is known to be none of ours."""

_SAME = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "filter", "dict"})


class Externals:
    """What library values give, in one program."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue) -> None:
        self._resolver = resolver
        self._catalogue = catalogue

    def is_client(self, value: External) -> bool:
        """Whether a path comes from a package that the catalogue knows as a provider."""
        return self._catalogue.knows(value.path.partition("(")[0])

    def is_answer(self, value: External) -> bool:
        """Whether a value comes out of a request or of a collection: data, by which no other request is made."""
        if "[" in value.path:
            return True
        calls = [prefix.removesuffix("()") for prefix in prefixes(value.path) if prefix.endswith("()")]
        return any(self._catalogue.endpoints(call) for call in calls)

    def attribute(self, value: External, attr: str) -> Values:
        """Return `value.attr`."""
        path = f"{value.path}.{attr}"
        row = self._catalogue.returns(path)
        if row is not None and row.value == "receiver":
            return (value,)
        if row is not None and row.value not in ("argument", "result"):
            return external(row.value, value.host)
        return external(path, value.host)

    def call(self, value: External, given: Passed, scope: FunctionNode) -> Values:
        """Return what calling `value` gives."""
        python = _PYTHON.get(value.path)
        if python is not None:
            return python(self, given, scope)
        retry = self._catalogue.retry(value.path.removesuffix("()"))
        if retry is not None and retry.kind == "decorator":
            decorated = tuple(value for value in self.argument(given, 0) if isinstance(value, Function | Method | Partial))
            if decorated:
                return decorated
        row = self._catalogue.returns(f"{value.path}()")
        if row is not None:
            return self._returned(row, value, given)
        path = f"{value.path}()"
        if self._catalogue.canonical(value.path) in self._catalogue.literal_calls:
            path = self._literal(value.path, given)
        return external(path, self._host(given) or self._tier(value.path, given) or value.host)

    def _returned(self, row: Returns, value: External, given: Passed) -> Values:
        if row.value == "receiver":
            return external(value.path.rpartition(".")[0], self._host(given) or value.host)
        if row.value not in ("argument", "result"):
            return external(row.value, self._wrapped_host(given) or value.host)
        values = self.argument(given, 0, row.keyword)
        if row.value == "argument":
            return values
        return union([self._resolver.call(inner, Passed(()), self._scope(given), None) for inner in values])

    def _scope(self, given: Passed) -> FunctionNode:
        return self._resolver.function(given.arguments[0][0])

    def _literal(self, path: str, given: Passed) -> str:
        service = self._resolver.everywhere(self.argument(given, 0, "service_name"))
        texts = [value.value for value in service if isinstance(value, Text)]
        return f"{path}('{texts[0]}')" if texts else f"{path}()"

    def _host(self, given: Passed) -> str:
        """Return where a `base_url` leads: the name of a provider, `local`, `elsewhere`, or nothing where that is not known.

        Where some callers pass one and others do not, it is the SDK's own host that is meant.
        """
        for scope, argument in given.arguments:
            if argument.name in URL_KEYWORDS:
                values = self._resolver.evaluate(argument.value, self._resolver.function(scope))
                if any(isinstance(value, Parameter) and self._resolver.may_lack(value) for value in values):
                    continue
                for value in self._resolver.everywhere(values):
                    defaults = option_default(self._resolver, value) if isinstance(value, External) else (value,)
                    host = next((self.named_host(default.value) for default in defaults if isinstance(default, Text)), "")
                    if host:
                        return host
        return ""

    def named_host(self, url: str) -> str:
        """Return where a URL leads: the name of a provider, `local`, `discounted`, `elsewhere`, or nothing where that is not known."""
        host = self._catalogue.host(url)
        if host is not None:
            return "local" if host.local else "discounted" if host.discounted else host.provider
        return "elsewhere" if _WHOLE_HOST.match(url) else ""

    def _tier(self, path: str, given: Passed) -> str:
        """Return `discounted` where a client is made for a tier at batch price: `ChatOpenAI(service_tier="flex")`."""
        tiers = [tier for tier in self._catalogue.client_tiers(path) if tier.discount]
        for scope, argument in given.arguments if tiers else ():
            wanted = {tier.value for tier in tiers if tier.keyword == argument.name}
            if wanted and any(isinstance(value, Text) and value.value in wanted for value in self._evaluate(scope, argument.value)):
                return "discounted"
        return ""

    def _wrapped_host(self, given: Passed) -> str:
        """Return the host of a client that is given to a wrapper."""
        for scope, argument in given.arguments:
            for value in self._evaluate(scope, argument.value):
                if isinstance(value, External) and value.host:
                    return value.host
        return ""

    def _evaluate(self, scope: str, expr: Expr) -> Values:
        return self._resolver.everywhere(self._resolver.evaluate(expr, self._resolver.function(scope)))

    def argument(self, given: Passed, position: int, keyword: str = "") -> Values:
        """Return what a call passes at `position` or as `keyword`, the first keyword where there is nothing positional."""
        positional = [(scope, argument) for scope, argument in given.arguments if argument.name is None and not argument.star]
        named = [(scope, argument) for scope, argument in given.arguments if argument.name is not None and argument.name == keyword]
        chosen = named[0] if named else positional[position] if position < len(positional) else None
        return NONE if chosen is None else self._resolver.evaluate(chosen[1].value, self._resolver.function(chosen[0]))

    def joined_url(self, given: Passed) -> Values:
        """`urllib.parse.urljoin(base, path)`."""
        return self._resolver.texts.joined_url(given)

    # Python's own functions.

    def partial(self, given: Passed, scope: FunctionNode) -> Values:
        """`functools.partial(f, …)`."""
        if not given.arguments:
            return NONE
        rest = tuple(argument for _, argument in given.arguments[1:])
        where = given.arguments[0][0]
        return tuple(Partial(value, rest, where) for value in self.argument(given, 0))

    def named_attribute(self, given: Passed, scope: FunctionNode) -> Values:
        """`getattr(value, "name")`."""
        names = [value.value for value in self._resolver.everywhere(self.argument(given, 1)) if isinstance(value, Text)]
        if not names:
            return NONE
        return union([self._resolver.attribute(value, names[0]) for value in self.argument(given, 0)])

    def same(self, given: Passed, scope: FunctionNode) -> Values:
        """`list(xs)` and others that keep the items."""
        return self.argument(given, 0)

    def default(self, given: Passed, scope: FunctionNode) -> Values:
        """`os.getenv("NAME", "value")`: what it is where nobody says otherwise."""
        return self.argument(given, 1, "default")

    def next_item(self, given: Passed, scope: FunctionNode) -> Values:
        """`next(xs)`."""
        return union([self._resolver.containers.element(value) for value in self.argument(given, 0)])

    def enumerated(self, given: Passed, scope: FunctionNode) -> Values:
        """`enumerate(xs)`."""
        pair = Items((NONE, self.next_item(given, scope)))
        return (Items(((pair,),)),)

    def zipped(self, given: Passed, scope: FunctionNode) -> Values:
        """`zip(xs, ys)`."""
        rows = [self.argument(given, number) for number in range(len(given.arguments))]
        return (Items(((Items(tuple(union([self._resolver.containers.element(value) for value in row]) for row in rows)),),)),)


_Python = Callable[[Externals, Passed, FunctionNode], Values]

_PYTHON: dict[str, _Python] = {
    "functools.partial": Externals.partial,
    "functools.partialmethod": Externals.partial,
    "builtins.getattr": Externals.named_attribute,
    "os.getenv": Externals.default,
    "os.environ.get": Externals.default,
    "urllib.parse.urljoin": lambda externals, given, scope: externals.joined_url(given),
    "builtins.next": Externals.next_item,
    "builtins.enumerate": Externals.enumerated,
    "builtins.zip": Externals.zipped,
    "copy.copy": Externals.same,
    "copy.deepcopy": Externals.same,
    "typing.cast": lambda externals, given, scope: externals.argument(given, 1),
    **{f"builtins.{name}": Externals.same for name in _SAME},
}
