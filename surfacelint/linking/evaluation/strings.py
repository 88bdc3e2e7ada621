"""Texts that are put together: of what, and what is known of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from surfacelint.facts.expressions import Expr
from surfacelint.linking.evaluation.abstract_values import GAP, NONE, Text, Values
from surfacelint.linking.evaluation.call_arguments import Passed
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

if TYPE_CHECKING:
    from surfacelint.linking.evaluation.resolver import Resolver

_SAME = frozenset({"strip", "lstrip", "rstrip", "lower", "removesuffix", "removeprefix"})
"""Methods that change nothing but the ends of a text, or how it is written."""

METHODS = _SAME | {"format"}

_FIELD = re.compile(r"\{[^{}]*\}")
_PERCENT = re.compile(r"%(?:\(\w+\))?[-#0 +]*\d*(?:\.\d+)?[sdr]")


class Texts:
    """What is known of the texts of one program."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def joined(self, parts: tuple[Expr, ...], scope: FunctionNode) -> Values:
        """Return what is known of `f"{base}/models/{name}:ask"` or `base + "/ask"`: nothing where its beginning is not known.

        Only the rest of a URL is worth reading after something that is not known. Of several texts the first one counts: a text
        that is put together of itself would never come to an end.
        """
        text = ""
        for part in parts:
            known = self._known(part, scope)
            if known is None and "://" not in text:
                break
            text += GAP if known is None else known
        return (Text(text),) if text else NONE

    def _known(self, part: Expr, scope: FunctionNode) -> str | None:
        """Return the first text that a part may be: one that is empty stands for one that is still to be filled in."""
        values = self._resolver.everywhere(self._resolver.evaluate(part, scope))
        return max((value.value for value in values if isinstance(value, Text)), key=bool, default=None)

    def filled_in(self, parts: tuple[Expr, ...], scope: FunctionNode) -> Values:
        """Return what is known of `"…/%s" % name`."""
        text = self._known(parts[0], scope)
        return (Text(_PERCENT.sub(GAP, text)),) if text else NONE

    def call(self, text: str, name: str) -> Values:
        """Return what calling a method of a text gives."""
        return (Text(text),) if name in _SAME else (Text(_FIELD.sub(GAP, text)),) if name == "format" else NONE

    def joined_url(self, given: Passed) -> Values:
        """`urllib.parse.urljoin(base, path)`."""
        values = [self._resolver.everywhere(self._resolver.externals.argument(given, at)) for at in (0, 1)]
        base, path = (next((value.value for value in each if isinstance(value, Text)), "") for each in values)
        return (Text(f"{base.rstrip('/')}/{path.lstrip('/') or GAP}"),) if base else NONE
