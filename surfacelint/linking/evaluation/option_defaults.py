"""What a command-line option is where nobody gives it: `parser.add_argument("--base-url", default="http://localhost:8000/v1")`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from surfacelint.facts.expressions import Attribute, Call, Constant
from surfacelint.linking.evaluation.abstract_values import NONE, External, Values

if TYPE_CHECKING:
    from surfacelint.linking.evaluation.resolver import Resolver

_PARSED = ("argparse.ArgumentParser().parse_args().", "argparse.ArgumentParser().parse_known_args()[].")


def option_default(resolver: Resolver, value: External) -> Values:
    """Return the default of the option that a value is, nothing where it is none, has none, or where parsers do not agree.

    Options are found by their names, in all modules that lead to a provider: parsers are made in one function and read in another.
    """
    start = next((start for start in _PARSED if value.path.startswith(start)), "")
    name = value.path.removeprefix(start)
    found = set(_defaults(resolver, name)) if start and name.isidentifier() else set()
    return found.pop() if len(found) == 1 else NONE


def _defaults(resolver: Resolver, name: str) -> Iterator[Values]:
    """Yield the default of each option of a name."""
    for module in sorted(resolver.relevant):
        node = resolver.modules.get(module)
        for function in node.functions.values() if node is not None else ():
            for call in (site.call for site in function.outline.calls):
                if isinstance(call.function, Attribute) and call.function.attr == "add_argument" and _attribute(call) == name:
                    default = next((given.value for given in call.arguments if given.name == "default"), None)
                    yield NONE if default is None else resolver.evaluate(default, function)


def _attribute(call: Call) -> str:
    """Return the attribute under which an option is found, as `argparse` makes it: `dest`, or the first long flag."""
    flags = [given.value.value for given in call.arguments if given.name is None and isinstance(given.value, Constant)]
    texts = [flag for flag in flags if isinstance(flag, str)]
    chosen = next((given.value.value for given in call.arguments if given.name == "dest" and isinstance(given.value, Constant)), None)
    found = chosen if isinstance(chosen, str) else next((text for text in texts if text.startswith("--")), texts[0] if texts else "")
    return found.lstrip("-").replace("-", "_")
