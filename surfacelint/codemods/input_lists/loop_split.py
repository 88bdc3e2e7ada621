"""Splits a loop around a request: it first collects the inputs of all items, then sends them as lists, then runs the rest per item."""

from __future__ import annotations

import libcst as cst

from surfacelint.codemods.drafts import INDENT, Draft
from surfacelint.codemods.input_lists.list_items import is_list
from surfacelint.codemods.input_lists.split_calls import SplitCall
from surfacelint.facts.expressions import Span
from surfacelint.facts.module_outlines import FunctionOutline
from surfacelint.system.records import record
from surfacelint.visitors.item_loop_visitor import ItemLoop
from surfacelint.visitors.name_bindings import fresh_name, fresh_result_names, mentioned_names
from surfacelint.visitors.side_effects import below, is_pause, paths_changed, paths_read, roots_read, variables


@record(frozen=True, slots=True)
class Display:
    """A progress display around the items of a loop: `tqdm(texts, desc="x")`. `texts` is its first argument."""

    call: cst.Call
    items: cst.BaseExpression


class LoopSplit:
    """The edits that split one loop."""

    def __init__(
        self, draft: Draft, found: ItemLoop, split: SplitCall, function: FunctionOutline, scope: cst.CSTNode, display: Display | None
    ) -> None:
        """`function` holds the loop; `scope` is its body. With `display`, the lists show their progress and not the items."""
        self._draft, self._tree, self._found, self._split, self._function = draft, draft.tree, found, split, function
        self._scope = scope
        self._display = display
        taken = draft.tree.once(mentioned_names)
        self._rows, single = fresh_result_names(taken, 0 if split.is_dropped and not split.variable else 1)
        self._row = split.variable or single
        self._start = fresh_name("start", taken)
        self._inputs, self._pending, self._items = (fresh_name(name, taken) for name in ("inputs", "pending", "items"))

    def apply(self) -> None:
        """Add the edits to the draft."""
        if self._found.ahead:
            self._split_with_guards()
        else:
            self._split_plainly()

    def _split_plainly(self) -> None:
        """Rewrite a loop in which nothing runs before the request."""
        draft, loop = self._draft, self._found.loop
        walked = loop.iter if self._display is None else self._display.items
        before, items = self._reusable(walked)
        inputs = self._inputs
        if self._code(self._split.item) == self._code(loop.target):
            inputs = items
        else:
            before.append(f"{inputs} = [{self._code(self._split.item)} for {self._code(loop.target)} in {items}]")
        before += self._listing(inputs)
        rest = self._rest(loop.body)
        if not rest:
            comment = loop.body.header.comment if isinstance(loop.body, cst.IndentedBlock) else None
            before[-2] += f"  {comment.value}" if comment is not None and len(before) > 1 else ""
            draft.replace_span(self._tree.span(loop), f"\n{draft.indent(loop)}".join(before))
            return
        draft.before(loop, before)
        if self._split.is_unused:
            draft.replace(loop.iter, items)
        else:
            draft.replace(loop.target, f"{self._target(self._code(loop.target), loop.target)}, {self._row}")
            draft.replace(loop.iter, f"zip({self._shown(items)}, {self._rows}, strict=True)")
        self._rewrite_body(rest)

    def _split_with_guards(self) -> None:
        """Rewrite a loop in which guards and assignments run before the request: they stay in the loop that collects the inputs."""
        draft, found = self._draft, self._found
        loop, inner = found.loop, draft.indent(found.statement)
        outer = draft.indent(loop)
        carried = self._carried()
        rest = self._rest(found.block)
        lines = [f"{inner}{self._inputs}.append({self._code(self._split.item)})"]
        if rest and carried:
            lines.append(f"{inner}{self._pending}.append({_tuple(carried)})")
        lines += [f"{outer}{line}" for line in self._listing(self._inputs)]
        draft.before(loop, [f"{self._inputs} = []", *([f"{self._pending} = []"] if rest and carried else [])])
        if self._display is not None:
            draft.replace(self._display.call, self._code(self._display.items))
        if rest:
            lines.append(f"{outer}{self._second_head(carried)}")
            lines.append(f"{outer}{INDENT}{rest}")
        start = self._tree.span(found.statement).start
        end = self._tree.span(found.block.body[-1]).end
        draft.replace_span(Span(start, end), "\n".join(lines).removeprefix(inner))

    def _second_head(self, carried: list[str]) -> str:
        if self._split.is_unused:
            return f"for {_target(carried)} in {self._pending}:" if carried else f"for _ in {self._inputs}:"
        if not carried:
            return f"for {self._row} in {self._rows}:"
        target = f"({', '.join(carried)})" if len(carried) > 1 else carried[0]
        return f"for {target}, {self._row} in zip({self._pending}, {self._rows}, strict=True):"

    def _carried(self) -> list[str]:
        """Return the variables of an item that the rest reads, in the order in which they are set."""
        set_before: dict[str, None] = {}
        for node in (self._found.loop.target, *self._found.ahead):
            names = {each.value for each in variables(node)} if node is self._found.loop.target else paths_changed([node])
            set_before |= dict.fromkeys(sorted(name for name in names if name.isidentifier()))
        skipped = {node for result in self._split.results for node in below(result)}
        kept = [each for each in variables(self._found.statement) if each not in skipped]
        used = {each.value for each in kept} if not self._split.is_dropped else set()
        used |= {path.partition(".")[0] for path in paths_read(self._found.after)}
        containers = self._containers()
        return [name for name in set_before if name in used and name not in containers]

    def _containers(self) -> set[str]:
        """Return the variables from before the loop that its first part only adds to. They keep their meaning in the second."""
        inside = set(below(self._found.loop))
        assigned = {
            name
            for node in below(self._found.loop)
            if isinstance(node, cst.AssignTarget | cst.AnnAssign | cst.AugAssign | cst.NamedExpr) and node in inside
            for name in paths_changed([node])
        }
        target = {each.value for each in variables(self._found.loop.target)}
        return paths_changed(self._found.ahead) - assigned - target

    def _rest(self, block: cst.BaseSuite) -> str:
        """Return the source of what runs after the request, with results in place, or an empty string if there is nothing."""
        found, split = self._found, self._split
        pauses = self._pauses()
        after = [each for each in found.after if each not in pauses]
        kept = after if split.is_dropped or split.is_unused else [found.statement, *after]
        if not kept:
            return ""
        replaced = {self._tree.span(each): self._row for each in split.results}
        end = self._tree.span(block.body[-1]).end
        for pause in pauses:
            later = next(
                (self._tree.span(each).start for each in after if self._tree.span(each).start > self._tree.span(pause).start), None
            )
            if later is None:
                end = min(end, self._tree.span(kept[-1]).end)
            else:
                replaced[Span(self._tree.span(pause).start, later)] = ""
        span = Span(self._tree.span(kept[0]).start, end)
        text = self._draft.text_with(span, replaced)
        return self._dedented(text, self._draft.indent(found.statement), self._draft.indent(found.loop) + INDENT)

    def _pauses(self) -> list[cst.BaseStatement]:
        """Return the pauses after the request of an item. The lists need them, and the items do not."""
        own = paths_changed([self._found.loop.target, *self._found.ahead, self._found.statement])
        return [each for each in self._found.after if is_pause(each) and not roots_read([each]) & own]

    def _dedented(self, text: str, old: str, new: str) -> str:
        if old == new:
            return text
        lines = text.split("\n")
        return "\n".join([lines[0], *(new + line.removeprefix(old) if line.startswith(old) else line for line in lines[1:])])

    def _rewrite_body(self, rest: str) -> None:
        body = self._found.loop.body.body
        self._draft.replace_span(Span(self._tree.span(body[0]).start, self._tree.span(body[-1]).end), rest)

    def _listing(self, inputs: str) -> list[str]:
        rows = "" if self._split.is_unused else self._rows
        display = ""
        if self._display is not None and not self._split.call.is_expression:
            first, *others = self._display.call.args
            kept = [
                each for each in others if each.keyword is not None and each.keyword.value not in ("total", "unit", "initial", "miniters")
            ]
            arguments = "".join(f", {self._code(each).rstrip(', ')}" for each in kept)
            head = self._draft.text(Span(self._tree.span(self._display.call).start, self._tree.span(first).start))
            display = f"{head}|{arguments})"
        lines = self._split.call.statements(inputs, rows, self._start, display)
        if self._split.call.is_expression:
            return lines
        return [*lines, *(f"{INDENT}{self._draft.text(self._tree.span(each))}" for each in self._pauses())]

    def _reusable(self, walked: cst.BaseExpression) -> tuple[list[str], str]:
        """Return the lines that make a list of the items, and the name of the list."""
        code = self._code(walked)
        if isinstance(walked, cst.Name) and is_list(walked, self._function, self._draft.document.outline):
            return [], code
        # Other code may need what the variable holds, such as a dict.
        once = isinstance(walked, cst.Name) and sum(each.value == walked.value for each in variables(self._scope)) == 1
        name = code if once and _is_own(code, self._function) else self._items
        return [f"{name} = {code}" if is_list(walked, self._function, self._draft.document.outline) else f"{name} = list({code})"], name

    def _shown(self, items: str) -> str:
        """Return the items of the second loop, with the progress display if the lists do not show it."""
        if self._display is None or not self._split.call.is_expression:
            return items
        return self._draft.text_with(self._tree.span(self._display.call), {self._tree.span(self._display.items): items})

    def _target(self, code: str, node: cst.BaseExpression) -> str:
        return f"({code})" if isinstance(node, cst.Tuple) and not node.lpar else code

    def _code(self, node: cst.CSTNode) -> str:
        return self._draft.source(node)


def _tuple(names: list[str]) -> str:
    return f"({', '.join(names)})" if len(names) > 1 else names[0]


def _target(names: list[str]) -> str:
    return ", ".join(names)


def _is_own(name: str, function: FunctionOutline) -> bool:
    """Whether a name is a parameter of a function, or a variable that it sets."""
    own = {each.name for each in function.parameters} | {str(getattr(each.target, "id", "")) for each in function.bindings}
    return name in own and name not in function.global_names
