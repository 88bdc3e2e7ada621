"""What the call that makes a client says about all of its requests: their host, price tier and model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from surfacelint.facts.expressions import Constant, Expr
from surfacelint.linking.evaluation.abstract_values import External, Items, Parameter, Text, Values, union
from surfacelint.linking.evaluation.call_arguments import PassedArguments
from surfacelint.linking.evaluation.caller_arguments import CallerArguments
from surfacelint.linking.evaluation.evaluator_protocols import ExpressionEvaluator
from surfacelint.linking.evaluation.library_paths import BODY_KEYWORDS, URL_KEYWORDS, host_of_url
from surfacelint.linking.evaluation.option_defaults import option_default
from surfacelint.linking.evaluation.program_index import ProgramIndex
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_KEY_KEYWORDS = frozenset({"api_key", "openai_api_key", "key"})
"""Keyword arguments that hold the key of a client."""


class ClientOptions:
    """Answers for the calls of one program."""

    def __init__(self, program: ProgramIndex, expressions: ExpressionEvaluator, caller_arguments: CallerArguments) -> None:
        self._program = program
        self._catalogue = program.catalogue
        self._expressions = expressions
        self._caller_arguments = caller_arguments

    def host(self, given: PassedArguments) -> str:
        """Return the host of a `base_url` argument: the name of a provider, `local`, `elsewhere`, or an empty string if unknown.

        If some callers pass one and others do not, the SDK's own host applies. A host whose key is a placeholder is an own server.
        A host that is local for some callers only counts as the other one.
        """
        return self.hosts(given)[-1]

    def hosts(self, given: PassedArguments) -> tuple[str, ...]:
        """Return the hosts of a `base_url` argument: `local` and another one, if what calls pass for it decides, else one as in `host`."""
        found: list[str] = []
        chosen, omitted, unknown = False, False, False
        for scope, argument in given.arguments:
            if argument.name in URL_KEYWORDS and argument.value != Constant(None):
                values = self._expressions.evaluate(argument.value, self._program.function(scope))
                omitted = omitted or any(
                    isinstance(value, Parameter) and self._caller_arguments.is_sometimes_omitted(value) for value in values
                )
                unknown = unknown or self._caller_arguments.may_be_unknown(argument.value, self._program.function(scope))
                chosen = True
                found += [host_of_url(self._catalogue, text.value) for text in self.texts(values)]
        others = [host for host in found if host and host != "local"]
        known = "" if omitted or not others else others[0]
        if chosen and not omitted and known in ("", "elsewhere") and self._has_placeholder(given):
            return ("local",)
        if "local" not in found:
            return (known,)
        return ("local", known) if others or unknown else ("local",)

    def local_urls(self, expr: Expr, scope: FunctionNode) -> list[str]:
        """Return the URLs of own servers among what callers pass for a `base_url` argument."""
        texts = self.texts(self._expressions.evaluate(expr, scope))
        return [text.value for text in texts if host_of_url(self._catalogue, text.value) == "local"]

    def _has_placeholder(self, given: PassedArguments) -> bool:
        """Whether the key of a client is a text that no provider takes: `api_key="EMPTY"`."""
        keys = [self._evaluate(scope, argument.value) for scope, argument in given.arguments if argument.name in _KEY_KEYWORDS]
        texts = [value for values in keys for value in values]
        placeholders = self._catalogue.placeholder_keys
        return bool(texts) and all(isinstance(text, Text) and not text.default and text.value.lower() in placeholders for text in texts)

    def shared(self, path: str, given: PassedArguments) -> str:
        """Return what all requests of a client share: its price tier, or a model that another provider answers."""
        return self.tier(path, given) or self._model(given)

    def tier(self, path: str, given: PassedArguments) -> str:
        """Return the price tier of a client whose constructor is `path`: `tier=flex` for `ChatOpenAI(service_tier="flex")`."""
        for tier in self._catalogue.client_tiers(path):
            if tier.value in [value.value for value in self._named(tier.keyword, given) if isinstance(value, Text)]:
                return f"tier={tier.value}"
        return ""

    def _model(self, given: PassedArguments) -> str:
        """Return the model of a client if its name shows the provider: `model=deepseek-chat`, `model?=…` for a default."""
        names = [name for keyword in ("model", "model_name") for name in self.texts(self._named(keyword, given))]
        rows = [self._catalogue.model(name.value) for name in names]
        providers = {"" if row is None else row.provider for row in rows}
        if len(providers) != 1 or "" in providers:
            return ""
        return f"{'model?' if any(name.default for name in names) else 'model'}={names[0].value}"

    def texts(self, values: Values) -> Iterator[Text]:
        """Yield the texts among values, and the defaults of the command-line options among them."""
        for value in self._caller_arguments.everywhere(values):
            if isinstance(value, Text):
                yield value
            elif isinstance(value, External):
                defaults = option_default(self._program, self._expressions, value)
                yield from (replace(each, default=True) for each in defaults if isinstance(each, Text))

    def _named(self, keyword: str, given: PassedArguments) -> Values:
        """Return the values of a keyword argument, also one inside `**options` or in a dict of further parameters of requests."""
        found = []
        for scope, argument in given.arguments:
            if argument.name == keyword:
                found.append(self._evaluate(scope, argument.value))
            elif argument.star == "**" or argument.name in BODY_KEYWORDS:
                dicts = [value for value in self._evaluate(scope, argument.value) if isinstance(value, Items)]
                found += [values for each in dicts for key, values in zip(each.keys, each.items, strict=False) if key == keyword]
        return self._caller_arguments.everywhere(union(found))

    def _evaluate(self, scope: str, expr: Expr) -> Values:
        return self._caller_arguments.everywhere(self._expressions.evaluate(expr, self._program.function(scope)))
