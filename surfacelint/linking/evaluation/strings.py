"""Strings that are put together: f-strings, `+`, `%`, `format` and other methods."""

from __future__ import annotations

import re

from surfacelint.facts.expressions import Expr
from surfacelint.linking.evaluation.abstract_values import GAP, NONE, Text, Values
from surfacelint.linking.evaluation.caller_arguments import CallerArguments
from surfacelint.linking.evaluation.evaluator_protocols import ExpressionEvaluator
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_UNCHANGED = frozenset({"strip", "lstrip", "rstrip", "lower", "removesuffix", "removeprefix"})
"""Methods that change only the ends or the case of a string: the result is taken for the same string."""

METHODS = _UNCHANGED | {"format"}
"""Methods of strings whose results are known."""

_FIELD = re.compile(r"\{[^{}]*\}")
_PERCENT = re.compile(r"%(?:\(\w+\))?[-#0 +]*\d*(?:\.\d+)?[sdr]")


class Strings:
    """Evaluates expressions that build strings. `GAP` marks the unknown parts of a result."""

    def __init__(self, expressions: ExpressionEvaluator, caller_arguments: CallerArguments) -> None:
        self._expressions = expressions
        self._everywhere = caller_arguments.everywhere

    def joined(self, parts: tuple[Expr, ...], scope: FunctionNode) -> Values:
        """Evaluate `f"{base}/models/{name}:ask"` or `base + "/ask"`; nothing if the beginning is unknown.

        After an unknown part, only the rest of a URL is worth reading. If a part may be several strings, the first one counts:
        a string that is built from itself would grow without end.
        """
        text = ""
        for part in parts:
            known = self._known(part, scope)
            if known is None and "://" not in text:
                break
            text += GAP if known is None else known
        return (Text(text),) if text else NONE

    def percent_formatted(self, parts: tuple[Expr, ...], scope: FunctionNode) -> Values:
        """Evaluate `"…/%s" % name`."""
        text = self._known(parts[0], scope)
        return (Text(_PERCENT.sub(GAP, text)),) if text else NONE

    def call(self, text: str, name: str) -> Values:
        """Return the result of a method of a string."""
        return (Text(text),) if name in _UNCHANGED else (Text(_FIELD.sub(GAP, text)),) if name == "format" else NONE

    def _known(self, part: Expr, scope: FunctionNode) -> str | None:
        """Return the first string that a part may be. An empty one is a placeholder and counts only if there is no other."""
        values = self._everywhere(self._expressions.evaluate(part, scope))
        return max((value.value for value in values if isinstance(value, Text)), key=bool, default=None)


def joined_url(base_values: Values, path_values: Values) -> Values:
    """Return the result of `urllib.parse.urljoin(base, path)`."""
    base, path = (next((value.value for value in each if isinstance(value, Text)), "") for each in (base_values, path_values))
    return (Text(f"{base.rstrip('/')}/{path.lstrip('/') or GAP}"),) if base else NONE
