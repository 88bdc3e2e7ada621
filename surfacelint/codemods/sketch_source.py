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
from surfacelint.visitors.spellings import CUT, one_line

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

    def spelled(self) -> str:
        """Return the reported call as in the source, or its callee if it is long."""
        text = "..." if self.call is None else spelled(self.tree, self.call)
        return self.workload.spelled if text == "..." else text

    def items(self) -> str:
        """Return what the repetition walks over, as in the source."""
        repeated = self.workload.repetition
        assert repeated is not None
        spelled = self.construct.respelled(f"`{repeated.items}`")[1:-1]
        return spelled if spelled and CUT not in spelled else "items"


@record(frozen=True, slots=True)
class RemedySketch:
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
        routes, trace = subject.workload.routes, subject.workload.trace
        place = routes[0].calls[-1] if routes else trace[-1].location
        if place == subject.workload.site and subject.call is not None:
            return cls(subject.tree, subject.call)
        document = subject.documents.at(place.path)
        if document is None:
            return None
        try:
            tree = document.tree(routes[0].functions[-1] if routes else document.function_at(document.span(place)))
        except UnreadableError:
            return None
        call = tree.call_at(document.span(place))
        return None if call is None else cls(tree, call)

    @property
    def callee(self) -> str:
        """The callee of the request, on one line."""
        return one_line(self.tree.code(self.call.func))

    def client(self, workload: Workload) -> str:
        """Return the client of the request, or `client` if the call does not show one that submits batches."""
        return receiver(self.callee, workload)

    def body(self, path: str) -> str:
        """Return the keywords of the request to an endpoint as a dict display. A call of another name sends something else."""
        given = arguments(self.tree, self.call)
        pairs = [f'"{name}": {text}' for name, text in given if name and name != "**"]
        pairs += [f"**{text}" for name, text in given if name == "**"]
        return "{" + ", ".join(pairs) + "}" if pairs and self.is_of(path) else "{...}"

    def is_of(self, path: str) -> bool:
        """Whether the call has the name of an endpoint. Requests through callbacks and HTTP clients have others."""
        return self.callee.rpartition(".")[2] == path.rpartition(".")[2]


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


def receiver(callee: str, workload: Workload) -> str:
    """Return the client in a callee, such as `self.client` of `self.client.responses.create`; `client` if it has no batch API."""
    client, _, method = workload.endpoint.path.rpartition("().")
    owner = callee.removesuffix(f".{method}")
    submits = any(each.surface == "batch-submit" and each.path.startswith(f"{client}().") for each in workload.provider.endpoints)
    return owner if submits and owner != callee and re.fullmatch(r"[\w.]+", owner) else "client"


def batch_path(workload: Workload) -> str:
    """Return the path of the endpoint in a batch as Python code, or `...` if the catalogue has only words for it."""
    return f'"{workload.endpoint.batch}"' if workload.endpoint.batch.startswith("/") else "..."


def results_come(api: BatchApi) -> str:
    """Return when the results of a batch come: `within 24 hours`."""
    return "later" if api.window_hours is None else f"within {api.window_hours:g} hours"


def submission(workload: Workload, api: BatchApi, client: str, requests: str) -> str:
    """Return the call that submits a batch, as its catalogue entry spells it, of a client; empty if the entry has no such call.

    `requests` stands for the requests where the API takes them directly.
    """
    text = re.sub(r"^client\b", client, api.submit)
    text = re.sub(r"\bendpoint=\.\.\.", f"endpoint={batch_path(workload)}", text)
    text = re.sub(r"\b(requests|src)=\[.*\]", rf"\1={requests}", text)
    return text if text and parses(text) else ""


def parses(text: str) -> bool:
    """Whether a text is one expression."""
    try:
        cst.parse_expression(text)
    except cst.ParserSyntaxError:
        return False
    return True
