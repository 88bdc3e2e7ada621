"""The code that sends inputs as lists: calls with a slice of the inputs, or the call of a helper that takes a list."""

from __future__ import annotations

from typing import Protocol

import libcst as cst

from surfacelint.catalogue.provider_rows import Endpoint
from surfacelint.codemods.drafts import INDENT, Draft
from surfacelint.facts.expressions import Span
from surfacelint.system.records import record
from surfacelint.visitors.list_request_visitor import ListRequest

MOST_INPUTS = 500
"""Inputs of one list, if the endpoint takes as many. Texts of a page each then stay below the limits on tokens of one request."""


class ListCall(Protocol):
    """Code that gets the results for a list of inputs."""

    @property
    def is_expression(self) -> bool:
        """Whether `expression` can stand for the results."""

    def expression(self, inputs: str) -> str:
        """Return an expression for the results of a list of inputs."""

    def statements(self, inputs: str, results: str, start: str, display: str = "") -> list[str]:
        """Return the lines that set the variable `results`; none if that is empty. `start` is the name for the start of a slice.

        `display` is the text before the `range` of the slices if a progress display wraps it, such as `tqdm(`, and what follows after `|`.
        """


@record(frozen=True, slots=True)
class SlicedCall:
    """A request that gets slices of the inputs."""

    draft: Draft
    request: ListRequest
    endpoint: Endpoint

    @property
    def is_expression(self) -> bool:
        return not self.slices

    @property
    def slices(self) -> bool:
        """Whether the request gets slices. A twin without a documented limit cuts its list itself."""
        return bool(self.endpoint.list_input or self.endpoint.limit)

    @property
    def size(self) -> int:
        """Inputs of one request."""
        return min(self.endpoint.limit or MOST_INPUTS, MOST_INPUTS)

    def expression(self, inputs: str) -> str:
        return f"{self.request_for(inputs, bool(self.request.rest))}{self.request.rest}"

    def statements(self, inputs: str, results: str, start: str, display: str = "") -> list[str]:
        if not self.slices:
            return self.relative(f"{results} = {self.expression(inputs)}" if results else self.expression(inputs))
        size = self.size
        wrap, _, end = display.partition("|")
        call = self.request_for(f"{inputs}[{start} : {start} + {size}]", bool(results and self.request.rest))
        lines = [f"{results} = []"] if results else []
        lines.append(f"for {start} in {wrap}range(0, len({inputs}), {size}){end}:")
        body = self.relative(f"{results} += {call}{self.request.rest}" if results else call)
        return [*lines, *(f"{INDENT}{line}" for line in body)]

    def relative(self, text: str) -> list[str]:
        """Return the lines of a text with the request, without the indentation that the request has in the source."""
        return _relative(self.draft, self.request.call, text)

    def request_for(self, inputs: str, is_read: bool = False) -> str:
        """Return the request with a list as its input, in parentheses if it is awaited and something is read from it."""
        tree = self.draft.tree
        span, argument = tree.span(self.request.value), tree.span(self.request.argument.value)
        before = self.draft.text(Span(span.start, argument.start))
        if self.endpoint.list_twin:
            before = self._with_twin(span, argument)
        text = f"{before}{inputs}{self.draft.text(Span(argument.end, span.end))}"
        return f"({text})" if isinstance(self.request.value, cst.Await) and is_read else text

    def _with_twin(self, span: Span, argument: Span) -> str:
        """Return the text before the input, with the method that takes a list."""
        function = self.request.call.func
        name = function.attr if isinstance(function, cst.Attribute) else function
        old = self.draft.tree.span(name)
        twin = self.endpoint.list_twin.rpartition(".")[2]
        twin = f"a{twin}" if self.endpoint.mode == "async" and self.draft.text(old).startswith("a") else twin
        open_bracket = self.draft.text(Span(old.end, argument.start))
        # A keyword of the method for one input is not one of its twin.
        keyword = self.request.argument.keyword
        if keyword is not None:
            open_bracket = self.draft.text(Span(old.end, self.draft.tree.span(keyword).start))
        return f"{self.draft.text(Span(span.start, old.start))}{twin}{open_bracket}"


@record(frozen=True, slots=True)
class HelperCall:
    """A call of a function for one input, which a function for a list replaces. `argument` holds the input.

    `place` is the span of the name in the call that `name` replaces, and `parameter` the parameter that takes the list.
    """

    draft: Draft
    value: cst.BaseExpression
    argument: cst.Arg
    place: Span
    name: str
    parameter: str

    @property
    def is_expression(self) -> bool:
        return True

    def expression(self, inputs: str) -> str:
        tree, draft = self.draft.tree, self.draft
        span, argument = tree.span(self.value), tree.span(self.argument)
        inputs = f"{self.parameter}={inputs}" if self.argument.keyword is not None else inputs
        middle = draft.text(Span(self.place.end, argument.start))
        return f"{draft.text(Span(span.start, self.place.start))}{self.name}{middle}{inputs}{draft.text(Span(argument.end, span.end))}"

    def statements(self, inputs: str, results: str, start: str, display: str = "") -> list[str]:
        text = f"{results} = {self.expression(inputs)}" if results else self.expression(inputs)
        return _relative(self.draft, self.value, text)


def _relative(draft: Draft, node: cst.CSTNode, text: str) -> list[str]:
    statement = next((each for each in draft.tree.ancestors(node) if isinstance(each, cst.BaseStatement)), None)
    own = "" if statement is None else draft.indent(statement)
    first, *others = text.split("\n")
    return [first, *(line.removeprefix(own) for line in others)]
