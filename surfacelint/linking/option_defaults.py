"""What a command-line option is where nobody gives it: `parser.add_argument("--base-url", default="http://localhost:8000/v1")`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from surfacelint.facts.expressions import Attribute, Call, Constant, Expr
from surfacelint.linking.modules import FunctionNode
from surfacelint.linking.values import NONE, External, Values, union

if TYPE_CHECKING:
    from surfacelint.linking.resolution import Resolver

_PARSED = ("argparse.ArgumentParser().parse_args().", "argparse.ArgumentParser().parse_known_args()[].")


def option_default(resolver: Resolver, value: External) -> Values:
    """Return the default of the option that a value is, nothing where it is none or has none.

    Options are found by their names, in all modules that lead to a provider: parsers are made in one function and read in another.
    """
    start = next((start for start in _PARSED if value.path.startswith(start)), "")
    name = value.path.removeprefix(start)
    if not start or not name.isidentifier():
        return NONE
    return union([resolver.evaluate(default, function) for default, function in _defaults(resolver, name)])


def _defaults(resolver: Resolver, name: str) -> Iterator[tuple[Expr, FunctionNode]]:
    for module in sorted(resolver.relevant):
        node = resolver.modules.get(module)
        for function in node.functions.values() if node is not None else ():
            for site in function.outline.calls:
                if isinstance(site.call.function, Attribute) and site.call.function.attr == "add_argument" and _names(site.call) == name:
                    yield from ((given.value, function) for given in site.call.arguments if given.name == "default")


def _names(call: Call) -> str:
    """Return the attribute under which an option is found, as `argparse` makes it: `dest`, or the first long flag."""
    flags = [given.value.value for given in call.arguments if given.name is None and isinstance(given.value, Constant)]
    texts = [flag for flag in flags if isinstance(flag, str)]
    chosen = next((given.value.value for given in call.arguments if given.name == "dest" and isinstance(given.value, Constant)), None)
    found = chosen if isinstance(chosen, str) else next((text for text in texts if text.startswith("--")), texts[0] if texts else "")
    return found.lstrip("-").replace("-", "_")
