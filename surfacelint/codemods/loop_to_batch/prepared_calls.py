"""Prepares the calls of a comprehension, `map`, `apply` or fan-out: `with prepared(ask, reviews):` around the code that makes them.

The code itself stays as it is: inside of the block, its requests are answered from the batches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import libcst as cst

from surfacelint.codemods.documents import Document
from surfacelint.codemods.loop_to_batch.call_spelling import (
    COMPREHENSIONS,
    Comprehension,
    DefinedCall,
    assigned_names,
    for_clauses,
    names_in,
    spaced,
    substituted,
    target_parts,
)
from surfacelint.codemods.loop_to_batch.program_changes import ProgramChanges
from surfacelint.codemods.loop_to_batch.repeatable_code import check_arguments, one_line
from surfacelint.codemods.loop_to_batch.rewalkable_items import is_rewalkable
from surfacelint.codemods.refusals import RefusedError
from surfacelint.codemods.tree_edits import replaced_by
from surfacelint.visitors.call_arguments import called_name
from surfacelint.visitors.lasting_effects import dotted_path, own_names, target_names
from surfacelint.visitors.name_bindings import fresh_name, mentioned_names
from surfacelint.visitors.source_tree import SourceTree

_CONSUMERS = frozenset(
    {"list", "tuple", "set", "dict", "sorted", "sum", "max", "min", "any", "all", "join", "extend", "update", "gather", "Parallel"}
)
_APPLY_OPTIONS = frozenset({"raw", "result_type", "by_row", "engine", "engine_kwargs", "convert_dtype", "na_action", "meta"})
"""Keywords of `apply` and `map` that are not for the function."""

_DECIDERS = frozenset({"any", "all", "next"})
"""Functions that may stop before the last item."""

_STARTERS = frozenset({"submit", "map", "create_task", "ensure_future", "start_soon", "apply_async", "run_in_executor", "to_thread"})
"""Functions that start a call without waiting for it."""

_ELSEWHERE = frozenset({"Thread", "Process", "Timer", "Popen", "start_new_thread"})
"""What runs a call once other code starts it."""

_SEVERAL_PROCESSES = ("Process", "multiprocessing", "Parallel")


@dataclass(frozen=True, slots=True)
class CallToPrepare:
    """What sends one request: `function` of each of `items`, as source text. `iterables` are the expressions that `items` walks."""

    function: str
    items: str
    iterables: tuple[cst.BaseExpression, ...]


@dataclass(frozen=True, slots=True)
class PreparedCalls:
    """The calls that a repetition makes. `site` is the call in it, `repetition` the comprehension, loop or call that repeats it.

    `is_direct` states that the call itself sends the request.
    """

    document: Document
    tree: SourceTree
    site: cst.Call
    repetition: cst.CSTNode
    stages: int
    attempts: int
    is_async: bool
    is_direct: bool

    def rewrite(self, changes: ProgramChanges) -> None:
        """Add the changes. Raises `RefusedError`."""
        if called_name(self.site) in _ELSEWHERE:
            raise RefusedError(f"`{self.tree.code(self.site.func)}` starts the call elsewhere")
        if self.repetition is not self.site:
            check_arguments(self.document, self.tree, self.site)
        function = self._defined(changes)
        call = self._call(None if function is None else function.name)
        first, last = self._statements()
        made = changes.name(self.document, self.tree, first, "async_prepared" if self.is_async else "prepared")
        options = "".join(f", {name}={value}" for name, value in (("stages", self.stages), ("attempts", self.attempts)) if value > 1)
        items, before = call.items, list[Callable[[], cst.BaseStatement]]()
        for node, name in self._hoisted(call).items():
            items = items.replace(self.tree.code(node), name)
            changes.change(self.document, self.tree, node, replaced_by(name))
            before.append(partial(cst.parse_statement, f"{name} = list({self.tree.code(node)})"))
        if function is not None:
            before.append(function.definition)
        context = cst.parse_expression(f"{made}({call.function}, {items}{options})")
        _wrap(self.document, self.tree, changes, first, last, context, before, is_async=self.is_async)

    def _defined(self, changes: ProgramChanges) -> DefinedCall | None:
        """Give the call a name if its code itself sends the request, so that the request is not written twice."""
        if self.repetition is self.site:
            function = next((arg.value for arg in self.site.args if isinstance(arg.value, cst.Lambda)), None)
            parameters = () if function is None else tuple(each.name.value for each in function.params.params)
            node: cst.Call | cst.Lambda | None = function
        else:
            node = self._sending() if self.is_direct else None
            used = {each.value for each in self.tree.inside(self.site) if isinstance(each, cst.Name)}
            parameters = tuple(name for name in self._item_names() if name in used)
        if node is None:
            return None
        made = DefinedCall(fresh_name("ask", self.tree.once(mentioned_names)), parameters, node)
        changes.change(self.document, self.tree, node, made.replaced)
        return made

    def _sending(self) -> cst.Call:
        """Return the call that sends the request, which `create_task` and the like may hold."""
        name = dotted_path(self.site.func).rpartition(".")[2]
        if name in ("create_task", "ensure_future", "start_soon") and self.site.args and isinstance(self.site.args[0].value, cst.Call):
            return self.site.args[0].value
        return self.site

    def _call(self, name: str | None) -> CallToPrepare:
        """Return what to prepare, with the function `name` if the code itself sends the request. Raises `RefusedError`."""
        repetition = self.repetition
        if isinstance(repetition, COMPREHENSIONS):
            return self._of_comprehension(repetition, name)
        if isinstance(repetition, cst.For):
            return self._of_loop(repetition, name)
        if isinstance(repetition, cst.Call):
            return self._of_mapping(repetition, name)
        raise RefusedError(f"`{one_line(self.tree, repetition)}` repeats the call")

    def _of_comprehension(self, node: Comprehension, name: str | None) -> CallToPrepare:
        nested = self._nested()
        clauses = [clause for each in nested for clause in for_clauses(each.for_in)]
        iterables = tuple(each.iter for each in clauses)
        names = {name for each in clauses for name in target_names(each.target)}
        consumer = next((called_name(each) for each in self.tree.ancestors(node) if isinstance(each, cst.Call)), "")
        if isinstance(node, cst.GeneratorExp) and consumer in _DECIDERS:
            raise RefusedError(f"`{consumer}` stops at the answer that decides")
        if any(each.asynchronous for each in clauses):
            raise RefusedError("the comprehension walks an asynchronous iterable")
        function, parameter = self._submitted(name)
        asking = [each for clause in clauses for each in clause.ifs if self.site in self.tree.inside(each)]
        if asking and (len(clauses) > 1 or len(clauses[0].ifs) > 1):
            raise RefusedError(f"`{one_line(self.tree, asking[0])}` is one of several conditions")
        if len(clauses) == 1 and (asking or not clauses[0].ifs):
            one = self._of_target(function, parameter, clauses[0].target, names)
            return CallToPrepare(one, self.tree.code(clauses[0].iter), iterables)
        used = sorted(names & {each.value for each in self.tree.inside(self.site) if isinstance(each, cst.Name)})
        rest = "".join(spaced(self.tree.code(each.for_in)) for each in nested)
        if len(used) == 1:
            target_node: cst.BaseExpression = cst.Name(used[0])
            return CallToPrepare(self._of_target(function, parameter, target_node, {used[0]}), f"[{used[0]}{rest}]", iterables)
        target_node = cst.parse_expression(f"({', '.join(used)})")
        return CallToPrepare(self._of_target(function, parameter, target_node, set(used)), f"[({', '.join(used)}){rest}]", iterables)

    def _nested(self) -> list[Comprehension]:
        """Return the comprehension that repeats the call, after those that repeat it. Raises `RefusedError` for one in a lambda."""
        found: list[Comprehension] = []
        for outer in (self.repetition, *self.tree.ancestors(self.repetition)):
            if isinstance(outer, cst.Lambda):
                raise RefusedError(f"`{one_line(self.tree, outer)}` repeats the call in each of its runs")
            if isinstance(outer, cst.BaseSmallStatement | cst.BaseCompoundStatement | cst.CompFor):
                break
            if isinstance(outer, COMPREHENSIONS):
                found.insert(0, outer)
        return found

    def _item_names(self) -> list[str]:
        """Return the names that the repetition binds for each item, in the order of the source."""
        if isinstance(self.repetition, COMPREHENSIONS):
            return [name for each in self._nested() for clause in for_clauses(each.for_in) for name in target_names(clause.target)]
        return list(target_names(self.repetition.target)) if isinstance(self.repetition, cst.For) else []

    def _of_loop(self, loop: cst.For, name: str | None) -> CallToPrepare:
        """Return the calls that a loop starts, such as tasks or futures. What it computes before would have to be computed twice."""
        own = own_names(self.tree, loop.body).bound
        used = {each.value for each in self.tree.inside(self.site) if isinstance(each, cst.Name)}
        computed = sorted(own & used)
        if computed:
            raise RefusedError(f"`{computed[0]}` is computed in the loop that starts the calls")
        if any(isinstance(each, cst.If | cst.Try | cst.Continue) for each in self.tree.inside(loop.body)):
            raise RefusedError("the loop starts the calls under a condition")
        function, parameter = self._submitted(name)
        return CallToPrepare(
            self._of_target(function, parameter, loop.target, set(target_names(loop.target))), self.tree.code(loop.iter), (loop.iter,)
        )

    def _of_mapping(self, call: cst.Call, name: str | None) -> CallToPrepare:
        """Return the calls of `map(f, xs)`, `pool.map(f, xs)`, `series.apply(f)` or `frame.apply(f, axis=1)`."""
        method = called_name(call)
        plain = [arg for arg in call.args if arg.keyword is None and not arg.star]
        if not plain:
            raise RefusedError(f"`{one_line(self.tree, call)}` is given its function by keyword")
        function = name or self.tree.code(plain[0].value)
        if method in ("apply", "progress_apply", "map", "transform") and len(plain) == 1 and isinstance(call.func, cst.Attribute):
            receiver = call.func.value
            others = {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}
            is_by_row = others.pop("axis", None) is not None
            items = f"[row for _, row in {self.tree.code(receiver)}.iterrows()]" if is_by_row else self.tree.code(receiver)
            return CallToPrepare(self._with_options(function, method, others), items, ())
        iterables = tuple(arg.value for arg in plain[1:])
        if method in ("map", "imap", "imap_unordered", "thread_map", "amap") and len(iterables) == 1:
            return CallToPrepare(function, self.tree.code(iterables[0]), iterables)
        if method in ("map", "thread_map", "starmap") and iterables:
            walked = ", ".join(self.tree.code(each) for each in iterables)
            return CallToPrepare(f"lambda item: {function}(*item)", walked if method == "starmap" else f"zip({walked})", iterables)
        raise RefusedError(f"`{one_line(self.tree, call)}` repeats the call")

    def _with_options(self, function: str, method: str, options: dict[str, cst.BaseExpression]) -> str:
        """Return a function of one row, where `apply` is given further arguments. Raises `RefusedError`."""
        if not options:
            return function
        further = options.pop("args", cst.Tuple([]))
        if not isinstance(further, cst.Tuple) or _APPLY_OPTIONS & set(options):
            raise RefusedError(f"`{method}` passes more than the row to `{function}`")
        given = [self.tree.code(each.value) for each in further.elements]
        given += [f"{name}={self.tree.code(value)}" for name, value in options.items()]
        return f"lambda row: {function}({', '.join(['row', *given])})"

    def _submitted(self, defined: str | None) -> tuple[str, tuple[cst.Arg, ...]]:
        """Return the function that an item runs, with its arguments: of `pool.submit(ask, review)`, `ask` and `review`."""
        if defined is not None:
            used = {each.value for each in self.tree.inside(self.site) if isinstance(each, cst.Name)}
            return defined, tuple(cst.Arg(cst.Name(each)) for each in self._item_names() if each in used)
        name = dotted_path(self.site.func).rpartition(".")[2]
        if name in ("submit", "to_thread", "apply_async") and self.site.args:
            return self.tree.code(self.site.args[0].value), tuple(self.site.args[1:])
        if name == "run_in_executor" and len(self.site.args) > 1:
            return self.tree.code(self.site.args[1].value), tuple(self.site.args[2:])
        if name in ("create_task", "ensure_future", "start_soon") and self.site.args and isinstance(self.site.args[0].value, cst.Call):
            inner = self.site.args[0].value
            return self.tree.code(inner.func), tuple(inner.args)
        if (
            isinstance(self.site.func, cst.Call)
            and dotted_path(self.site.func.func).rpartition(".")[2] == "delayed"
            and self.site.func.args
        ):
            return self.tree.code(self.site.func.args[0].value), tuple(self.site.args)
        return self.tree.code(self.site.func), tuple(self.site.args)

    def _of_target(self, function: str, arguments: tuple[cst.Arg, ...], target: cst.BaseExpression, names: set[str]) -> str:
        """Return the source of a function of one item, which calls `function` with arguments that use the names of the target."""
        if isinstance(target, cst.Name):
            alone = len(arguments) == 1 and arguments[0].keyword is None and not arguments[0].star
            if alone and self.tree.code(arguments[0].value) == target.value and not names & {each.value for each in names_in(function)}:
                return function
            spelled = ", ".join(self.tree.code(arg.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for arg in arguments)
            return f"lambda {target.value}: {function}({spelled})"
        plain = [self.tree.code(arg.value) for arg in arguments if not arg.star and arg.keyword is None]
        if (
            isinstance(target, cst.Tuple)
            and len(plain) == len(arguments)
            and plain == [self.tree.code(each.value) for each in target.elements]
        ):
            return f"lambda item: {function}(*item)"
        parts = dict(target_parts(target, "item"))
        if names & {each.value for each in names_in(function)}:
            function = self.tree.code(substituted(cst.Arg(cst.parse_expression(function)), parts).value)
        spelled = ", ".join(self.tree.code(substituted(arg, parts).with_changes(comma=cst.MaybeSentinel.DEFAULT)) for arg in arguments)
        return f"lambda item: {function}({spelled})"

    def _hoisted(self, call: CallToPrepare) -> dict[cst.BaseExpression, str]:
        """Return the iterables that can be walked only once, each with the name of the list that takes its place."""
        found: dict[cst.BaseExpression, str] = {}
        taken = self.tree.once(mentioned_names)
        for iterable in call.iterables[:1]:
            if not is_rewalkable(self.tree, self.site, iterable):
                found[iterable] = fresh_name("items", taken)
        for iterable in call.iterables[1:]:
            if isinstance(iterable, cst.Call) and not is_rewalkable(self.tree, self.site, iterable):
                raise RefusedError(f"`{one_line(self.tree, iterable)}` may be walked only once")
        return found

    def _statements(self) -> tuple[cst.CSTNode, cst.CSTNode]:
        """Return the first and last statement of a block that make the calls and wait for them. Raises `RefusedError`."""
        statement = self._statement(self.repetition)
        pool = self._pool(statement)
        if pool is not None:
            return pool, pool
        names = self._deferred(statement)
        if not names:
            return statement, statement
        block = self.tree.parent(statement)
        siblings = list(getattr(block, "body", ()))
        last = statement
        for other in siblings[siblings.index(statement) + 1 :]:
            if names & {node.value for node in self.tree.inside(other) if isinstance(node, cst.Name)}:
                last = other
                if isinstance(other, cst.SimpleStatementLine) and isinstance(other.body[0], cst.Assign) and not _waits(self.tree, other):
                    names = names | own_names(self.tree, other).bound
        if last is statement:
            raise RefusedError(f"`{sorted(names)[0]}` is waited for elsewhere")
        return statement, last

    def _statement(self, node: cst.CSTNode) -> cst.CSTNode:
        """Return the statement in a block that holds a node."""
        here = node
        while not isinstance(here, cst.SimpleStatementLine | cst.BaseCompoundStatement):
            here = self.tree.parent(here) or self.tree.module
        if isinstance(self.tree.parent(here), cst.Module | cst.IndentedBlock):
            return here
        raise RefusedError(f"`{one_line(self.tree, here)}` cannot be put into a block")

    def _pool(self, statement: cst.CSTNode) -> cst.CSTNode | None:
        """Return the `with` statement of the pool or task group that runs the calls, and waits for them at its end."""
        calls = [self.site, *(each for each in self.tree.ancestors(self.site) if isinstance(each, cst.Call))]
        starters = {
            dotted_path(call.func).partition(".")[0] for call in calls if called_name(call) in _STARTERS and "." in dotted_path(call.func)
        }
        for outer in self.tree.ancestors(statement):
            if isinstance(outer, cst.FunctionDef):
                return None
            for item in outer.items if isinstance(outer, cst.With) else ():
                made = self.tree.code(item.item)
                if item.asname is None or dotted_path(item.asname.name) not in starters:
                    continue
                if any(word in made for word in _SEVERAL_PROCESSES):
                    raise RefusedError(f"`{made}` runs the calls in other processes")
                return outer if self._is_known_before(cst.ensure_type(outer, cst.With)) else None
        return None

    def _is_known_before(self, pool: cst.With) -> bool:
        """Whether nothing that the calls need is computed inside of a `with` statement."""
        inside = own_names(self.tree, pool.body).bound
        used = {node.value for node in self.tree.inside(self.repetition) if isinstance(node, cst.Name)} - set(self._item_names())
        return not inside & used

    def _deferred(self, statement: cst.CSTNode) -> set[str]:
        """Return the names of what still has to be waited for after a statement: coroutines, tasks, futures, generators."""
        inside = [self.site, *(each for each in self.tree.ancestors(self.site) if isinstance(each, cst.Call))]
        is_started = any(called_name(call) in _STARTERS - {"map"} for call in inside) or self.is_async
        if is_started and any(isinstance(node, cst.Await) for node in self.tree.inside(statement)):
            return set()
        consumers = [called_name(node) for node in self.tree.ancestors(self.repetition) if isinstance(node, cst.Call)]
        is_lazy = isinstance(self.repetition, cst.GeneratorExp) or (
            self.repetition is self.site and dotted_path(self.site.func) in ("map", "filter")
        )
        if not is_started and (not is_lazy or not isinstance(statement, cst.SimpleStatementLine) or set(consumers) & _CONSUMERS):
            return set()
        bound = {name for node in self.tree.inside(statement) if isinstance(node, cst.Assign) for name in assigned_names(node)}
        bound |= {dotted_path(node.func.value) for node in self.tree.inside(statement) if _is_collected(node)}  # type: ignore[attr-defined]
        if not bound:
            raise RefusedError(f"`{one_line(self.tree, statement)}` hands on calls that have not been made")
        return bound


def _is_collected(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value in ("append", "add")


def _wrap(
    document: Document, tree: SourceTree, changes: ProgramChanges, first: cst.CSTNode, last: cst.CSTNode, context: cst.BaseExpression,
    before: list[Callable[[], cst.BaseStatement]], *, is_async: bool,
) -> None:  # fmt: skip
    """Put the statements from `first` to `last` of a block into a `with` statement, after the statements in `before`."""
    block = tree.parent(first)
    if not isinstance(block, cst.IndentedBlock | cst.Module):
        raise RefusedError("the statement is not in a block")
    statements: list[cst.CSTNode] = list(block.body)
    inside = statements[statements.index(first) : statements.index(last) + 1]
    kept: list[cst.BaseStatement] = []

    def moved(updated: cst.BaseStatement) -> cst.RemovalSentinel:
        kept.append(updated)
        return cst.RemoveFromParent()

    def wrapped(updated: cst.BaseStatement) -> cst.FlattenSentinel[cst.BaseStatement]:
        kept.append(updated)
        leading = getattr(kept[0], "leading_lines", ())
        kept[0] = kept[0].with_changes(leading_lines=[])
        made = cst.With([cst.WithItem(context)], cst.IndentedBlock(list(kept)), asynchronous=cst.Asynchronous() if is_async else None)
        added: list[cst.BaseStatement] = [*(make() for make in before), made]
        added[0] = added[0].with_changes(leading_lines=leading)
        return cst.FlattenSentinel(added)

    for statement in inside[:-1]:
        changes.change(document, tree, statement, moved)
    changes.change(document, tree, last, wrapped)


def _waits(tree: SourceTree, statement: cst.CSTNode) -> bool:
    return any(isinstance(node, cst.Await) for node in tree.inside(statement))
