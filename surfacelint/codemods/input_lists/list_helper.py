"""Makes the twin of a helper that sends one input: a function that takes a list and returns a list of results."""

from __future__ import annotations

import libcst as cst
from libcst.helpers import get_full_name_for_node

from surfacelint.catalogue.provider_rows import Endpoint
from surfacelint.codemods.documents import Document
from surfacelint.codemods.drafts import INDENT, Draft
from surfacelint.codemods.input_lists.list_calls import SlicedCall
from surfacelint.codemods.refusals import Refusal
from surfacelint.facts.expressions import Position, Span
from surfacelint.facts.module_outlines import MODULE_BODY, FunctionOutline
from surfacelint.model.findings import Edit, Location
from surfacelint.system.records import record
from surfacelint.visitors.item_loop_visitor import returns_in
from surfacelint.visitors.list_request_visitor import ListRequest, list_request
from surfacelint.visitors.name_bindings import fresh_name, mentioned_names
from surfacelint.visitors.side_effects import below, may_not_run, noticed, paths_changed, roots_read, variables
from surfacelint.visitors.source_tree import SourceTree

_NOUNS = frozenset({"embedding", "vector", "text", "chunk", "document", "item", "input", "moderation", "query", "score", "label"})

_KEPT_DECORATORS = frozenset({"retry", "staticmethod", "classmethod", "on_exception", "on_predicate", "backoff"})
"""Decorators that mean the same on a function for a list: those of `tenacity`, `backoff` and of methods."""


@record(frozen=True, slots=True)
class ListHelper:
    """A function for a list: its name, and the edits that add it. `position` is that of the parameter that takes the list."""

    name: str
    edits: tuple[Edit, ...]
    parameter: str
    position: int


def parameters_of(node: cst.FunctionDef) -> list[str]:
    """Return the names of the parameters that a call may fill by position, without `self` or `cls`."""
    names = [each.name.value for each in (*node.params.posonly_params, *node.params.params)]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def function_node(tree: SourceTree, function: FunctionOutline) -> cst.FunctionDef | None:
    """Return the definition of a function in the tree of its lines."""
    named = [each for each in tree.nodes(cst.FunctionDef) if each.name.value == function.name]
    return min(named, key=lambda each: tree.span(each).start, default=None)


def list_helper(
    document: Document, function: FunctionOutline, request: Location, endpoint: Endpoint, parameter: str
) -> ListHelper | Refusal:
    """Return the function for a list that does for many values of `parameter` what `function` does for one, or why there is none."""
    tree = document.tree(function.qualname)
    node = function_node(tree, function)
    call = tree.call_at(document.span(request))
    if node is None or call is None or not isinstance(node.body, cst.IndentedBlock):
        return Refusal(f"`{function.name}` is not a function with a body of its own lines")
    for decorator in node.decorators:
        name = get_full_name_for_node(decorator.decorator) or ""
        if name.rpartition(".")[2] not in _KEPT_DECORATORS and "retry" not in name.lower():
            return Refusal(f"`@{name}` of `{function.name}` may depend on its argument")
    found = list_request(tree, call, endpoint, node)
    if isinstance(found, str):
        return Refusal(f"in `{function.name}`, {found}")
    twin = _Twin(document, tree, function, node, found, endpoint, parameter)
    reason = twin.obstacle()
    return Refusal(f"in `{function.name}`, {reason}") if reason else twin.made()


class _Twin:
    """The text of the function for a list."""

    def __init__(
        self,
        document: Document,
        tree: SourceTree,
        function: FunctionOutline,
        node: cst.FunctionDef,
        request: ListRequest,
        endpoint: Endpoint,
        parameter: str,
    ) -> None:
        self._document, self._tree, self._function, self._node, self._request = document, tree, function, node, request
        self._draft = Draft(document, tree)
        self._call = SlicedCall(self._draft, request, endpoint)
        self._parameter = parameter
        body = list(node.body.body)
        self._docstring = node.get_docstring() is not None
        statements = [each for each in (body[1:] if self._docstring else body) if isinstance(each, cst.BaseStatement)]
        self._around = _block_around(statements, request.call)
        if self._around is not None:
            statements = [each for each in self._around.body.body if isinstance(each, cst.BaseStatement)]
        place = next((number for number, each in enumerate(statements) if _holds(each, request.call)), 0)
        self._before, self._statement, self._after = statements[:place], statements[place], statements[place + 1 :]
        self._early = [each for each in returns_in(self._before) if isinstance(each, cst.Return)]
        found = [each for each in returns_in(statements) if isinstance(each, cst.Return)]
        self._returns = any(each.value is not None for each in found)
        self._varying = {parameter} | {name for name in paths_changed(self._before) if name.isidentifier()}
        taken = tree.once(mentioned_names)
        self._many = fresh_name(parameter if parameter.endswith("s") else f"{parameter}s", taken)
        names = ("inputs", "pending", "rows", "results", "row", "start", "response", "place")
        self._inputs, self._pending, self._rows, self._results, self._row, self._start, self._response, self._place = (
            fresh_name(name, taken - ({name} if name == request.response else set())) for name in names
        )

    def obstacle(self) -> str:
        """Return why there is no function for a list, or an empty string."""
        tree, request = self._tree, self._request
        if not isinstance(self._statement, cst.SimpleStatementLine) or len(self._statement.body) != 1:
            return f"`{tree.code(self._statement).strip().partition(' ')[0].rstrip(':')}` is around the request"
        if self._around is not None and roots_read(each.item for each in self._around.items) & self._varying:
            return "the block around the request differs from one input to the next"
        if may_not_run(tree, request.call, self._statement):
            return "the request may not be sent"
        last = self._after[-1] if self._after else self._statement
        ending = returns_in([*self._after, self._statement])
        if ending if not self._returns else (not _is_return(last) or len(ending) != 1):
            return "several statements return, or only some paths do"
        blocks = (cst.For, cst.While, cst.Try, cst.TryStar, cst.SimpleStatementSuite)
        if any(isinstance(outer, blocks) for each in self._early for outer in tree.ancestors(each)):
            return "a `return` is inside a loop or a `try`"
        parameters = [*self._node.params.params, *self._node.params.kwonly_params, *self._node.params.posonly_params]
        own = next((each for each in parameters if each.name.value == self._parameter), None)
        if own is None or own.default is not None:
            return f"`{self._parameter}` is not a parameter without a default"
        others = [each for each in request.call.args if each is not request.argument]
        for each in others:
            if roots_read([each.value]) & self._varying:
                return f"`{tree.code(each).strip(' ,')}` differs from one input to the next"
        if not self._varying & roots_read([request.item]):
            return f"the input does not depend on `{self._parameter}`"
        file = self._document.tree(MODULE_BODY)
        early, late = noticed(file, self._before), noticed(file, [self._statement, *self._after], ignored=[request.call, request.value])
        if early is not None and late is not None:
            return f"`{_name(tree, early)}` runs before the request and `{_name(tree, late)}` after it, in an order that others may see"
        if any('"""' in text or "'''" in text for text in map(self._draft.source, [*self._before, *self._after])):
            return "a string spans several lines"
        return ""

    def made(self) -> ListHelper:
        """Return the function, and the edit that adds it unless the file has it already."""
        indent = self._draft.indent(self._node)
        name, known = self._name(), {each.title: each for each in self._document.outline.functions}
        prefix = self._function.title.removesuffix(self._function.name)
        position = parameters_of(self._node).index(self._parameter) if self._parameter in parameters_of(self._node) else -1
        while True:
            text = self._text(name)
            same = known.get(f"{prefix}{name}")
            if same is None:
                blank = "\n" if indent else "\n\n"
                lines = self._document.lines
                end = Position(self._function.lines[1], len(lines[self._function.lines[1] - 1]))
                return ListHelper(name, (self._document.edit(Span(end, end), f"\n{blank}{text}"),), self._many, position)
            if "\n".join(self._document.lines[same.lines[0] - 1 : same.lines[1]]).rstrip() == text.rstrip():
                return ListHelper(name, (), self._many, position)
            name = f"{name}_2" if not name.endswith("_2") else f"{name}_"

    def _name(self) -> str:
        name = self._function.name
        return f"{name}s" if name.rpartition("_")[2] in _NOUNS else f"{name}_all"

    def _text(self, name: str) -> str:
        inner = self._draft.indent(self._node.body.body[0])
        lines = [f'"""Do for a list what `{self._function.name}` does for one input, with few requests."""'] if self._docstring else []
        own = self._draft.indent(self._statement)
        body = self._plain_body() if self._is_plain() else self._general_body(own)
        if self._around is not None:
            first = self._around.body.body[0]
            head = self._draft.text(Span(self._tree.span(self._around).start, self._tree.span(first).start)).rstrip()
            body = [head, *(f"{INDENT}{line}" for line in body)]
        lines += body
        return f"{self._head(name)}\n" + "\n".join(f"{inner}{line}" if line else "" for line in lines)

    def _head(self, name: str) -> str:
        """Return the lines of the definition above its body, with the name, parameter and types of the twin."""
        node, tree, draft = self._node, self._tree, self._draft
        rows = self._document.lines
        last = tree.span(node.body.body[0]).start.line - 1
        while last > 1 and not rows[last - 1].split("#")[0].rstrip().endswith(":"):
            last -= 1
        span = Span(Position(self._function.lines[0], 0), Position(last, len(rows[last - 1])))
        replaced = {tree.span(node.name): name}
        for each in (*node.params.posonly_params, *node.params.params, *node.params.kwonly_params):
            if each.name.value == self._parameter:
                replaced[tree.span(each.name)] = self._many
                if each.annotation is not None:
                    kind = each.annotation.annotation
                    replaced[tree.span(kind)] = f"list[{draft.source(kind)}]"
        if node.returns is not None and self._returns:
            kind = node.returns.annotation
            replaced[tree.span(kind)] = f"list[{draft.source(kind)}]"
        return draft.text_with(span, replaced)

    def _is_plain(self) -> bool:
        """Whether the function only returns an expression of the result, which reads nothing else that differs."""
        if not self._returns or self._before or len(self._after) > 1 or (self._after and not self._request.response):
            return False
        result = self._returned()
        skipped = {node for each in self._request.results for node in below(each)}
        names = {node.value for node in variables(result) if node not in skipped}
        return not names & self._varying

    def _returned(self) -> cst.BaseExpression:
        last = self._after[-1] if self._after else self._statement
        assert isinstance(last, cst.SimpleStatementLine)
        assert isinstance(last.body[0], cst.Return)
        assert last.body[0].value is not None
        return last.body[0].value

    def _plain_body(self) -> list[str]:
        inputs, lines = self._many, []
        if self._draft.source(self._request.item) != self._parameter:
            inputs = self._inputs
            lines = [f"{inputs} = [{self._draft.source(self._request.item)} for {self._parameter} in {self._many}]"]
        result = self._with_rows(self._tree.span(self._returned()))
        if not self._call.slices:
            call = self._call.expression(inputs)
            text = f"return {call}" if result == self._row else f"return [{result} for {self._row} in {call}]"
            return [*lines, *self._call.relative(text)]
        size = self._call.size
        call = self._call.request_for(f"{inputs}[{self._start} : {self._start} + {size}]")
        rows = f"{self._response}{self._request.rest}"
        return [
            *lines,
            f"{self._results} = []",
            f"for {self._start} in range(0, len({inputs}), {size}):",
            *(f"{INDENT}{line}" for line in self._call.relative(f"{self._response} = {call}")),
            f"{INDENT}{self._results} += {rows if result == self._row else f'[{result} for {self._row} in {rows}]'}",
            f"return {self._results}",
        ]

    def _general_body(self, inner: str) -> list[str]:
        """Return the body of a function that does something before the request, or several things after it."""
        stores = bool(self._early) and self._returns
        carried = [*([self._place] if stores else []), *self._carried()]
        together = f"({', '.join(carried)})" if len(carried) > 1 else "".join(carried)
        lines = [f"{self._results} = [None] * len({self._many})"] if stores else []
        if self._before or carried:
            lines += [f"{self._inputs} = []", *([f"{self._pending} = []"] if carried else [])]
            walked = f"enumerate({self._many})" if stores else self._many
            lines.append(f"for {f'{self._place}, ' if stores else ''}{self._parameter} in {walked}:")
            lines += [f"{INDENT}{line}" for each in self._before for line in self._lines(each, inner)]
            lines.append(f"{INDENT}{self._inputs}.append({self._draft.source(self._request.item)})")
            lines += [f"{INDENT}{self._pending}.append({together})"] if carried else []
        elif self._draft.source(self._request.item) != self._parameter:
            lines.append(f"{self._inputs} = [{self._draft.source(self._request.item)} for {self._parameter} in {self._many}]")
        else:
            self._inputs = self._many
        if not self._returns and not self._rest():
            return [*lines, *self._call.statements(self._inputs, "" if self._request.is_unused else self._rows, self._start)]
        lines += self._call.statements(self._inputs, "" if self._request.is_unused else self._rows, self._start)
        walked = (
            f"{together}, {self._row} in zip({self._pending}, {self._rows}, strict=True)" if carried else f"{self._row} in {self._rows}"
        )
        if self._request.is_unused:
            walked = f"{together} in {self._pending}" if carried else f"_ in {self._inputs}"
        rest = self._rest()
        if not self._returns:
            return [*lines, f"for {walked}:", *(f"{INDENT}{line}" for each in rest for line in self._lines(each, inner))]
        returned = self._with_rows(self._tree.span(self._returned()))
        if len(rest) == 1 and not stores:
            return [*lines, f"return {self._rows}" if returned == self._row and not carried else f"return [{returned} for {walked}]"]
        lines += [f"for {walked}:"] if stores else [f"{self._results} = []", f"for {walked}:"]
        kept = f"{self._results}[{self._place}] = {returned}" if stores else f"{self._results}.append({returned})"
        for each in rest:
            text = [kept] if _is_return(each) else self._lines(each, inner)
            lines += [f"{INDENT}{line}" for line in text]
        return [*lines, f"return {self._results}"]

    def _rest(self) -> list[cst.BaseStatement]:
        """Return the statements that run after the request, or read its result."""
        is_gone = bool(self._request.response) or self._request.is_unused
        return self._after if is_gone else [self._statement, *self._after]

    def _carried(self) -> list[str]:
        skipped = {node for each in self._request.results for node in below(each)}
        used = {node.value for each in self._rest() for node in variables(each) if node not in skipped}
        return sorted(self._varying & used)

    def _lines(self, statement: cst.CSTNode, inner: str) -> list[str]:
        return [line.removeprefix(inner) for line in self._with_rows(self._tree.span(statement)).split("\n")]

    def _with_rows(self, span: Span) -> str:
        """Return the source in a span for the twin: with a result in its place, and with early results stored instead of returned."""
        replaced = {self._tree.span(each): self._row for each in self._request.results}
        for each in self._early:
            value = "None" if each.value is None else self._draft.source(each.value)
            line = self._tree.parent(each)
            assert line is not None
            stored = f"{self._results}[{self._place}] = {value}\n{self._draft.indent(line)}"
            replaced[self._tree.span(each)] = f"{stored if self._returns else ''}continue"
        return self._draft.text_with(span, replaced)


def _holds(node: cst.CSTNode, part: cst.CSTNode) -> bool:
    return any(each is part for each in below(node))


def _block_around(statements: list[cst.BaseStatement], call: cst.Call) -> cst.With | None:
    """Return the `with` statement around a request, if a function consists of nothing else."""
    only = statements[0] if len(statements) == 1 else None
    return only if isinstance(only, cst.With) and isinstance(only.body, cst.IndentedBlock) and _holds(only.body, call) else None


def _is_return(statement: cst.CSTNode) -> bool:
    match statement:
        case cst.SimpleStatementLine(body=[cst.Return(value=cst.BaseExpression())]):
            return True
        case _:
            return False


def _name(tree: SourceTree, node: cst.CSTNode) -> str:
    return tree.code(node.func) if isinstance(node, cst.Call) else tree.code(node).strip().partition(" ")[0]
