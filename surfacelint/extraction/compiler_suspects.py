"""What Python refuses only when it compiles: `return` outside a function, a parameter twice, `nonlocal` of no variable.

To compile all that is read would take a tenth of the time of a run. So reading a tree, which looks at everything in it anyway, collects
`Doubts`: it notes each construct that the compiler refuses in some places, unless this is clearly none of them. A tree without doubts
compiles; one with some is compiled, and the compiler has the last word. By the messages of CPython 3.10 to 3.14 (`symtable.c`,
`compile.c`, `codegen.c`, `future.c`) these are the constructs, and when they are above doubt:

    return                        in a function; with a value in no async generator
    break, continue               in a loop, and in no class body and no `except*`
    yield                         in a function, in no comprehension and no annotation
    await, async for, async with  in an async function, in no comprehension and no annotation
    starred expressions           in a call or a display; as a target, one among fewer than 256
    parameters, keywords          each once; parameters that are not private to a class, which renames them
    from __future__ import        at the beginning, of features that there are
    import *                      at module level
    except:                       as the last handler
    blocks in blocks              no more than `DEEPEST` of ours, each of which is at most three of Python's; it takes 20
    :=                            in no comprehension and no annotation
    yield from, async comprehensions, global, nonlocal, match, type parameters and aliases, except*, __debug__: never
"""

from __future__ import annotations
import __future__

import ast
from collections.abc import Sequence

from surfacelint.extraction.compiler_errors import in_characters, python_limits

DEEPEST = 6
"""Loops, `with` and `try` in one another that are above doubt. A `try` with `finally` may be three blocks to Python, which takes 20."""

_MOST_ITEMS = 3
"""Context managers of one `with`, each of which is a block."""

_MOST_TARGETS = 255


class Doubts:
    """Whether the compiler may refuse a tree. `within` counts the comprehensions, annotations and the like around what is read now."""

    __slots__ = ("raised", "within")

    def __init__(self) -> None:
        """Begin without."""
        self.raised = False
        self.within = 0

    def bound_to_place(self) -> None:
        """Note something that comprehensions and annotations may not hold."""
        if self.within:
            self.raised = True

    def keywords(self, keywords: Sequence[ast.keyword]) -> None:
        """Note the keywords of a call or class."""
        if len(keywords) > 1:
            names = [keyword.arg for keyword in keywords if keyword.arg is not None]
            if len(set(names)) < len(names):
                self.raised = True

    def parameters(self, arguments: ast.arguments) -> None:
        """Note the parameters of a function or lambda."""
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        named += [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]
        names = [argument.arg for argument in named]
        if len(set(names)) < len(names) or any(name.startswith("__") for name in names):
            self.raised = True

    def targets(self, nodes: Sequence[ast.expr]) -> None:
        """Note the targets of an assignment that unpacks."""
        starred = sum(isinstance(node, ast.Starred) for node in nodes)
        if starred > 1 or (starred and len(nodes) > _MOST_TARGETS):
            self.raised = True

    def managers(self, items: Sequence[ast.withitem]) -> None:
        """Note the context managers of a `with`."""
        if len(items) > _MOST_ITEMS:
            self.raised = True


def compile_doubtful(text: str, tree: ast.Module, doubts: Doubts, futures: int) -> None:
    """Raise SyntaxError where the compiler refuses a tree that there are doubts about; its columns are those of the parser.

    `futures` is the number of imports from `__future__` in it.
    """
    if not doubts.raised and "__debug__" not in text and futures == _leading_futures(tree):
        return
    try:
        with python_limits():
            compile(tree, "", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise in_characters(text, error) from None
    except (ValueError, RecursionError, MemoryError):
        return  # it was read all the same


def _leading_futures(tree: ast.Module) -> int:
    """Return how many imports from `__future__` stand where they may, and name features that there are."""
    number = 0
    for position, node in enumerate(tree.body):
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            if node.level or not all(alias.name in __future__.all_feature_names for alias in node.names):
                return -1
            number += 1
        elif position or not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)):
            break
    return number
