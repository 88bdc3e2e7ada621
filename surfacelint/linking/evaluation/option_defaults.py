"""Defaults of command-line options: `parser.add_argument("--base-url", default="http://localhost:8000/v1")`."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.facts.expressions import Attribute, Call, Constant
from surfacelint.linking.evaluation.abstract_values import NONE, External, Values
from surfacelint.linking.evaluation.evaluator_protocols import ExpressionEvaluator
from surfacelint.linking.evaluation.program_index import ProgramIndex

_PARSED = ("argparse.ArgumentParser().parse_args().", "argparse.ArgumentParser().parse_known_args()[].")


def option_default(program: ProgramIndex, expressions: ExpressionEvaluator, value: External) -> Values:
    """Return the default of the option that `value` reads; nothing if it reads none, or if parsers disagree on the default.

    Options are looked up by name in all relevant modules, because a parser is often made in one function and read in another.
    """
    start = next((start for start in _PARSED if value.path.startswith(start)), "")
    name = value.path.removeprefix(start)
    found = set(_defaults(program, expressions, name)) if start and name.isidentifier() else set()
    return found.pop() if len(found) == 1 else NONE


def _defaults(program: ProgramIndex, expressions: ExpressionEvaluator, name: str) -> Iterator[Values]:
    """Yield the default of each option with a name."""
    for module in sorted(program.relevant):
        node = program.modules.get(module)
        for function in node.functions.values() if node is not None else ():
            for call in (site.call for site in function.outline.calls):
                if isinstance(call.function, Attribute) and call.function.attr == "add_argument" and _attribute(call) == name:
                    default = next((given.value for given in call.arguments if given.name == "default"), None)
                    yield NONE if default is None else expressions.evaluate(default, function)


def _attribute(call: Call) -> str:
    """Return the attribute under which `argparse` stores an option: `dest`, or else the first long flag."""
    flags = [given.value.value for given in call.arguments if given.name is None and isinstance(given.value, Constant)]
    texts = [flag for flag in flags if isinstance(flag, str)]
    chosen = next((given.value.value for given in call.arguments if given.name == "dest" and isinstance(given.value, Constant)), None)
    found = chosen if isinstance(chosen, str) else next((text for text in texts if text.startswith("--")), texts[0] if texts else "")
    return found.lstrip("-").replace("-", "_")
