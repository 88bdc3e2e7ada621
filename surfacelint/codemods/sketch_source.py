"""What sketches take from the source: code on one line, arguments, the client, and how its batch API is called."""

from __future__ import annotations

import re

import libcst as cst

from surfacelint.catalogue.provider_rows import BatchApi
from surfacelint.codemods.documents import Documents
from surfacelint.facts.expressions import Span
from surfacelint.model.workloads import Workload
from surfacelint.system.records import record
from surfacelint.visitors.constructs import Construct
from surfacelint.visitors.source_tree import SourceTree, UnreadableError
from surfacelint.visitors.spellings import CUT, one_line, respelled

LONGEST = 90
"""Characters. Longer code is shown as `...`, which is Python."""

INDENT = "    "


@record(frozen=True, slots=True)
class Subject:
    """What a sketch is about: a workload, its construct, and the documents of the project."""

    workload: Workload
    construct: Construct
    documents: Documents

    @property
    def tree(self) -> SourceTree:
        """The syntax tree that shows the construct."""
        return self.construct.tree

    @property
    def call(self) -> cst.Call | None:
        """The reported call, if a call is reported."""
        return self.construct.call if isinstance(self.construct.call, cst.Call) else None

    def items(self) -> str:
        """Return what the repetition walks over, as in the source."""
        repeated = self.workload.repetition
        assert repeated is not None
        spelled = respelled(f"`{repeated.items}`", self.construct.spellings())[1:-1]
        return spelled if spelled and CUT not in spelled else "items"


@record(frozen=True, slots=True)
class Sketch:
    """Lines that show a remedy in place of `place`."""

    place: Span
    lines: tuple[str, ...]


@record(frozen=True, slots=True)
class RequestSource:
    """The call that sends a request, in the tree of its function."""

    tree: SourceTree
    call: cst.Call

    @classmethod
    def of(cls, subject: Subject) -> RequestSource | None:
        """Return the request of a workload: the reported call, or the last call on the way from it. `None` if it is out of sight."""
        routes = subject.workload.routes
        place, function = (routes[0].calls[-1], routes[0].functions[-1]) if routes else (subject.workload.trace[-1].location, "")
        if place == subject.workload.site and subject.call is not None:
            return cls(subject.tree, subject.call)
        document = subject.documents.at(place.path) if function else None
        if document is None:
            return None
        try:
            tree = document.tree(function)
        except UnreadableError:
            return None
        call = tree.call_at(document.span(place))
        return None if call is None else cls(tree, call)

    @property
    def callee(self) -> str:
        """The callee of the request, on one line."""
        return one_line(self.tree.code(self.call.func))

    def client(self, path: str) -> str:
        """Return the client of a request to the endpoint `path`, or `client` if the call does not show it."""
        return receiver(self.callee, path)

    def body(self) -> str:
        """Return the keywords of the request as a dict display."""
        pairs = [f'"{name}": {text}' for name, text in arguments(self.tree, self.call) if name and name != "**"]
        pairs += [f"**{text}" for name, text in arguments(self.tree, self.call) if name == "**"]
        return "{" + ", ".join(pairs) + "}"


def spelled(tree: SourceTree, node: cst.CSTNode) -> str:
    """Return code on one line, or `...` if it is long or holds text of several lines."""
    text = one_line(tree.code(node))
    return "..." if CUT in text or len(text) > LONGEST else text


def arguments(tree: SourceTree, call: cst.Call) -> list[tuple[str, str]]:
    """Return the arguments of a call: name, `*`, `**` or nothing, and code on one line."""
    return [(each.star or ("" if each.keyword is None else each.keyword.value), spelled(tree, each.value)) for each in call.args]


def called(function: str, given: list[tuple[str, str]]) -> str:
    """Return the call of a function with arguments as `arguments` returns them."""
    return f"{function}({', '.join(f'{name}{text}' if not name or name[0] == '*' else f'{name}={text}' for name, text in given)})"


def receiver(callee: str, path: str) -> str:
    """Return the client of a method that a callee names: `self.client` of `self.client.batches.create` and the endpoint's path."""
    method = path.rpartition("().")[2]
    owner = callee.removesuffix(f".{method}")
    return owner if owner != callee and re.fullmatch(r"[\w.]+", owner) else "client"


def submission(workload: Workload, api: BatchApi, client: str, requests: str) -> str:
    """Return the call that submits a batch, as its catalogue entry spells it, of a client; empty if the entry has no such call.

    `requests` stands for the requests where the API takes them directly.
    """
    text = re.sub(r"^client\b", client, api.submit)
    text = re.sub(r"\bendpoint=\.\.\.", f'endpoint="{workload.endpoint.batch}"', text)
    text = re.sub(r"\b(requests|src)=\[.*\]", rf"\1={requests}", text)
    return text if text and parses(text) else ""


def parses(text: str) -> bool:
    """Whether a text is one expression."""
    try:
        cst.parse_expression(text)
    except cst.ParserSyntaxError:
        return False
    return True
