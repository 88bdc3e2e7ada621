"""Whether the decorators of a function can run a second time: what they do before they call it must not outlast them."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from surfacelint.codemods.loop_to_batch.called_functions import CalledFunction, called_functions
from surfacelint.codemods.loop_to_batch.repeatable_code import is_repeatable, one_line, own_names_of, run_before
from surfacelint.codemods.loop_to_batch.request_counts import enclosing_function
from surfacelint.codemods.loop_to_batch.request_routes import RoutedCall
from surfacelint.codemods.refusals import RefusedError
from surfacelint.visitors.lasting_effects import dotted_path, effects_of

_DEEPEST = 2


def check_decorators(call: RoutedCall) -> None:
    """Raise `RefusedError` if a decorator of the function that holds a call does what must not happen twice before it calls that."""
    function = enclosing_function(call)
    for each in function.decorators if isinstance(function, cst.FunctionDef) else ():
        made = each.decorator if isinstance(each.decorator, cst.Call) else cst.Call(each.decorator)
        for decorator in called_functions(call.document, made):
            for wrapper, wrapped in _wrappers(decorator):
                _check_wrapper(decorator, wrapper, wrapped)


def _check_wrapper(decorator: CalledFunction, wrapper: cst.FunctionDef, wrapped: cst.Call) -> None:
    own = own_names_of(decorator.tree, wrapper)
    around = {wrapped, *decorator.tree.ancestors(wrapped)}
    for part in run_before(decorator.tree, wrapped, wrapper):
        for effect in effects_of(decorator.tree, part, own):
            if effect.node in around or effect.kind == "clock":
                continue  # happens after the request, or measures it
            if not is_repeatable(decorator.document, decorator.tree, effect, wrapper, _DEEPEST):
                spelled = one_line(decorator.tree, effect.node)
                raise RefusedError(f"`{spelled}` in `{decorator.node.name.value}` runs before the request, and must not run twice")


def _wrappers(decorator: CalledFunction) -> Iterator[tuple[cst.FunctionDef, cst.Call]]:
    """Yield the functions that a decorator makes, each with a call of the decorated function in it."""
    for wrapper in decorator.tree.inside(decorator.node):
        if not isinstance(wrapper, cst.FunctionDef):
            continue
        outer = [each for each in decorator.tree.ancestors(wrapper) if isinstance(each, cst.FunctionDef)]
        given = {parameter.name.value for each in outer for parameter in each.params.params}
        for node in decorator.tree.inside(wrapper.body):
            if isinstance(node, cst.Call) and dotted_path(node.func) in given:
                yield wrapper, node
