"""Rewrites comprehensions, `map` and fan-outs that send one input per request."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from surfacelint.codemods.drafts import Draft, hoist_place
from surfacelint.codemods.input_lists.list_items import is_list
from surfacelint.codemods.input_lists.split_calls import SplitCall
from surfacelint.codemods.refusals import Refusal
from surfacelint.facts.expressions import Position, Span
from surfacelint.facts.module_outlines import MODULE_BODY, FunctionOutline
from surfacelint.system.records import record
from surfacelint.visitors.fan_out_visitor import FanOut, Worker
from surfacelint.visitors.name_bindings import fresh_name, fresh_result_names, mentioned_names
from surfacelint.visitors.side_effects import below, noticed, variables


@record(frozen=True, slots=True)
class Repeated:
    """An expression that calls something for each item.

    - `node`: the comprehension, or the call of `map`. `parts`: what it computes for each item: one expression, or the key and the value.
    - `conditions`: those that decide about an item before the call. `decided`: the one that reads the result.
    - `fan_out`: what runs the calls concurrently.
    """

    node: cst.BaseExpression
    target: cst.BaseExpression
    items: cst.BaseExpression
    conditions: tuple[cst.BaseExpression, ...]
    parts: tuple[cst.BaseExpression, ...]
    split: SplitCall
    fan_out: FanOut | None = None
    decided: cst.BaseExpression | None = None

    @property
    def decisions(self) -> tuple[cst.BaseExpression, ...]:
        """The condition that reads the result, if there is one."""
        return () if self.decided is None else (self.decided,)

    @classmethod
    def of_comprehension(cls, node: cst.BaseComp, split: SplitCall, fan_out: FanOut | None) -> Repeated:
        """Return what a comprehension with one `for` repeats."""
        parts = (node.key, node.value) if isinstance(node, cst.DictComp) else (node.elt,) if isinstance(node, cst.BaseSimpleComp) else ()
        clause = node.for_in
        tests = [each.test for each in clause.ifs]
        reading = next((each for each in tests if any(node in split.results for node in below(each))), None)
        return cls(node, clause.target, clause.iter, tuple(each for each in tests if each is not reading), parts, split, fan_out, reading)

    @classmethod
    def of_lambda(cls, worker: Worker, function: cst.Lambda, split: SplitCall) -> Repeated:
        """Return what a call of `map` with a lambda repeats."""
        return cls(worker.node, function.params.params[0].name, worker.items, (), (function.body,), split)


class ListExpression:
    """The edits of one expression."""

    def __init__(self, draft: Draft, repeated: Repeated, function: FunctionOutline) -> None:
        """`function` holds the expression."""
        self._draft, self._tree, self._repeated, self._function = draft, draft.tree, repeated, function
        taken = draft.tree.once(mentioned_names)
        self._rows, self._row = fresh_result_names(taken)
        self._start, self._inputs, self._items = (fresh_name(name, taken) for name in ("start", "inputs", "items"))

    def apply(self) -> Refusal | None:
        """Add the edits to the draft, or return why that is not possible."""
        repeated = self._repeated
        split, results = repeated.split, {node for each in repeated.split.results for node in below(each)}
        file = self._draft.document.tree(MODULE_BODY)
        early = noticed(file, [*repeated.conditions, split.item])
        late = noticed(file, (*repeated.parts, *repeated.decisions), ignored=results)
        if early is not None and late is not None:
            return Refusal(f"`{self._draft.source(early)}` runs before the request of each item and `{self._draft.source(late)}` after it")
        if not results:
            return Refusal("nothing reads the results")
        if repeated.fan_out is not None and not is_only_rows(repeated):
            return Refusal(f"`{repeated.fan_out.name}` runs more than the request")
        if is_only_rows(repeated) and split.call.is_expression:
            self._replace_whole(split.call.expression(self._inputs_for(self._code(repeated.items))))
            return None
        return self._replace_clause()

    def _replace_whole(self, text: str) -> None:
        """Replace the expression by the call for the list."""
        fan_out = self._repeated.fan_out
        if fan_out is None:
            self._draft.replace(self._repeated.node, text)
            return
        self._draft.replace(fan_out.awaited, f"await {text}")
        if fan_out.assigned is not None:
            span = self._tree.span(fan_out.assigned)
            self._draft.replace_span(Span(Position(span.start.line, 0), Position(span.end.line + 1, 0)), "")

    def _replace_clause(self) -> Refusal | None:
        """Let the expression walk the results, after statements that get them."""
        repeated, split, draft = self._repeated, self._repeated.split, self._draft
        place = hoist_place(self._tree, repeated.node)
        results = {node for each in split.results for node in below(each)}
        targets = {node.value for node in variables(repeated.target)}
        read = [node for part in (*repeated.parts, *repeated.decisions) for node in variables(part) if node not in results]
        needs_items = any(node.value in targets for node in read)
        target, lines, items = self._code(repeated.target), [], self._code(repeated.items)
        walked = repeated
        if needs_items and (repeated.conditions or not self._is_list()):
            lines.append(f"{self._items} = {self._kept() if repeated.conditions else f'list({items})'}")
            items = self._items
            walked = replace(repeated, conditions=())
        inputs = self._inputs_for(items, walked, is_list=bool(lines))
        if split.call.is_expression:
            rows = split.call.expression(inputs)
        else:
            if not inputs.isidentifier():
                lines.append(f"{self._inputs} = {inputs}")
                inputs = self._inputs
            lines += split.call.statements(inputs, self._rows, self._start)
            rows = self._rows
        if is_only_rows(repeated) and not needs_items:
            draft.replace(repeated.node, rows)
        else:
            bound = f"({target})" if isinstance(repeated.target, cst.Tuple) else target
            self._write(f"for {bound}, {self._row} in zip({items}, {rows}, strict=True)" if needs_items else f"for {self._row} in {rows}")
        if lines and place is None:
            return Refusal("the expression may run several times, late or not at all, so no statement can prepare it")
        if place is not None and lines:
            draft.before(place, lines)
        return None

    def _write(self, clause: str) -> None:
        repeated, draft = self._repeated, self._draft
        rows = {self._tree.span(each): self._row for each in repeated.split.results}
        if isinstance(repeated.node, cst.BaseComp):
            span, old = self._tree.span(repeated.node), self._tree.span(repeated.node.for_in)
            blanks = draft.text(old)
            blanks = blanks[: len(blanks) - len(blanks.lstrip())]
            conditions = "".join(f" if {draft.text_with(self._tree.span(each), rows)}" for each in repeated.decisions)
            kept = {each: row for each, row in rows.items() if not old.start <= each.start < old.end}
            draft.replace_span(span, draft.text_with(span, {**kept, old: f"{blanks}{clause}{conditions}"}))
            return
        draft.replace(repeated.node, f"[{draft.text_with(self._tree.span(repeated.parts[0]), rows)} {clause}]")

    def _inputs_for(self, items: str, repeated: Repeated | None = None, is_list: bool = False) -> str:
        """Return an expression for the list of inputs."""
        repeated = repeated or self._repeated
        target, item = self._code(repeated.target), self._code(repeated.split.item)
        if item == target and not repeated.conditions:
            return items if is_list or self._is_list() else f"list({items})"
        return f"[{item} for {target} in {items}{self._conditions(repeated)}]"

    def _kept(self) -> str:
        target = self._code(self._repeated.target)
        kept = f"({target})" if isinstance(self._repeated.target, cst.Tuple) and not self._repeated.target.lpar else target
        return f"[{kept} for {target} in {self._code(self._repeated.items)}{self._conditions(self._repeated)}]"

    def _conditions(self, repeated: Repeated) -> str:
        return "".join(f" if {self._code(each)}" for each in repeated.conditions)

    def _is_list(self) -> bool:
        return is_list(self._repeated.items, self._function, self._draft.document.outline)

    def _code(self, node: cst.CSTNode) -> str:
        return self._draft.source(node)


def is_only_rows(repeated: Repeated) -> bool:
    """Whether an expression is the list of the results."""
    is_result = len(repeated.parts) == 1 and any(each is repeated.parts[0] for each in repeated.split.results)
    return is_result and repeated.decided is None and not isinstance(repeated.node, cst.SetComp)


def with_helper(draft: Draft, worker: Worker, name: str, function: FunctionOutline) -> None:
    """Let a helper for lists do what a worker does for each item, and take out the pool that then runs nothing."""
    items = draft.source(worker.items)
    if not is_list(worker.items, function, draft.document.outline):
        items = f"{items}.tolist()" if worker.is_column else f"list({items})"
    text = f"{name}({items})"
    if worker.pool is None:
        draft.replace(worker.node, text)
        return
    tree = draft.tree
    body = worker.pool.body.body
    span = Span(tree.span(body[0]).start, tree.span(body[-1]).end)
    inner, outer = draft.indent(body[0]), draft.indent(worker.pool)
    lines = draft.text_with(span, {tree.span(worker.node): text}).split("\n")
    dedented = [lines[0], *(outer + line.removeprefix(inner) if line.startswith(inner) else line for line in lines[1:])]
    draft.replace_span(Span(tree.span(worker.pool).start, span.end), "\n".join(dedented))
