"""Finds errors that Python only reports when it compiles: `return` outside a function, a duplicate parameter, an unbound `nonlocal`.

Compiling every file would take a tenth of a run. Instead, the extraction, which visits the whole tree anyway, collects
`Doubts`: constructs that the compiler rejects in some contexts, unless the context is clearly fine. Only trees with doubts
are compiled, and the compiler decides. These are the constructs, from the messages of CPython 3.10 to 3.14 (`symtable.c`,
`compile.c`, `codegen.c`, `future.c`), and the contexts that are fine:

    return                        in a function; with a value, not in an async generator
    break, continue               in a loop, not in a class body or `except*`
    yield                         in a function, not in a comprehension or annotation
    await, async for, async with  in an async function, not in a comprehension or annotation
    starred expressions           in a call or a display; as a target, once among fewer than 256
    parameters, keywords          unique; parameters without `__`, because classes rename private ones
    from __future__ import        at the beginning, of existing features
    import *                      at module level
    except:                       as the last handler
    nested blocks                 at most `DEEPEST`, each of which is up to three of Python's, whose limit is 20
    :=                            not in a comprehension or annotation
    global                        at the head of a function, of names that it neither takes nor annotates
    yield from, async comprehensions, nonlocal, match, type parameters and aliases, except*, __debug__: never
"""

from __future__ import annotations
import __future__

import ast
from collections.abc import Sequence

from surfacelint.extraction.compiler_errors import in_characters, python_limits

DEEPEST = 6
"""The depth of nested loops, `with` and `try` that is clearly fine. A `try` with `finally` may be three of Python's 20 blocks."""

_MOST_ITEMS = 3
"""The number of context managers in one `with` that is clearly fine. Each is a block."""

_MOST_TARGETS = 255


class Doubts:
    """Whether the compiler may reject a tree (`raised`). `within` counts the comprehensions, annotations etc. around the current node."""

    __slots__ = ("raised", "within")

    def __init__(self) -> None:
        """Start without doubts."""
        self.raised = False
        self.within = 0

    def bound_to_place(self) -> None:
        """Check a construct that is not allowed in all comprehensions and annotations."""
        if self.within:
            self.raised = True

    def keywords(self, keywords: Sequence[ast.keyword]) -> None:
        """Check the keywords of a call or class for duplicates."""
        if len(keywords) > 1:
            names = [keyword.arg for keyword in keywords if keyword.arg is not None]
            if len(set(names)) < len(names):
                self.raised = True

    def parameters(self, arguments: ast.arguments) -> None:
        """Check the parameters of a function or lambda for duplicates and private names."""
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        named += [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]
        names = [argument.arg for argument in named]
        if len(set(names)) < len(names) or any(name.startswith("__") for name in names):
            self.raised = True

    def targets(self, nodes: Sequence[ast.expr]) -> None:
        """Check the targets of an unpacking assignment for starred ones."""
        starred = sum(isinstance(node, ast.Starred) for node in nodes)
        if starred > 1 or (starred and len(nodes) > _MOST_TARGETS):
            self.raised = True

    def managers(self, items: Sequence[ast.withitem]) -> None:
        """Check the number of context managers of a `with`."""
        if len(items) > _MOST_ITEMS:
            self.raised = True


def compile_doubtful(text: str, tree: ast.Module, doubts: Doubts, futures: int) -> None:
    """Compile a tree if there are doubts about it. Raises SyntaxError, with columns in characters, if the compiler rejects it.

    `futures` is the number of imports from `__future__` in the tree.
    """
    if not doubts.raised and "__debug__" not in text and futures == _leading_futures(tree):
        return
    try:
        with python_limits():
            compile(tree, "", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise in_characters(text, error) from None
    except (ValueError, RecursionError, MemoryError):
        return  # The extraction has succeeded, so the tree is usable.


def _leading_futures(tree: ast.Module) -> int:
    """Return the number of imports from `__future__` at the start of a tree, -1 if one names an unknown feature."""
    number = 0
    for position, node in enumerate(tree.body):
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            if node.level or not all(alias.name in __future__.all_feature_names for alias in node.names):
                return -1
            number += 1
        elif position or not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)):
            break
    return number
