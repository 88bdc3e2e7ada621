"""The fix of a realtime request in a loop: submit its requests as a batch. Unsafe, because the answers arrive later."""

from __future__ import annotations

import libcst as cst

from surfacelint.codemods.documents import Document, Documents
from surfacelint.codemods.loop_to_batch.prepared_calls import COMPREHENSIONS, PreparedCalls
from surfacelint.codemods.loop_to_batch.program_changes import ProgramChanges
from surfacelint.codemods.loop_to_batch.repeatable_code import check_function, one_line
from surfacelint.codemods.loop_to_batch.request_counts import attempts, most_requests, weights
from surfacelint.codemods.loop_to_batch.request_routes import Route, routes_of
from surfacelint.codemods.loop_to_batch.request_wrapping import adapt_function, check_request, wrap_request
from surfacelint.codemods.loop_to_batch.statement_loops import LoopRun
from surfacelint.codemods.refusals import Refusal, RefusedError
from surfacelint.model.findings import Applicability, Finding, Fix, NewFile
from surfacelint.model.workloads import Workload
from surfacelint.visitors.source_tree import SourceTree

FEATURES = frozenset({"openai", "azure-openai", "anthropic", "groq", "together", "mistral", "google-genai"})


def move_to_batch(finding: Finding, workload: Workload, documents: Documents) -> Fix | Refusal:
    """Return the fix that submits the requests of a repetition as batches, or what stands in the way."""
    try:
        return _Move(workload, documents).fix()
    except RefusedError as error:
        return Refusal(error.reason)


class _Move:
    """Moves one workload to batches."""

    def __init__(self, workload: Workload, documents: Documents) -> None:
        self._workload = workload
        self._documents = documents
        self._routes = routes_of(workload, documents)
        self._site = self._routes[0].calls[0]

    def fix(self) -> Fix:
        """Return the fix. Raises `RefusedError`."""
        for route in self._routes:
            check_request(route, FEATURES)
        changes = ProgramChanges("llm_batch")
        known = weights(self._routes)
        frames = self._frames()
        innermost = frames[-1]
        body = innermost.body if isinstance(innermost, cst.For | cst.While) else innermost
        stages = most_requests(self._site.tree, body, known)
        tries = attempts(self._routes, innermost)
        for route in self._routes:
            for call in route.calls[1:]:
                check_function(call, whole=stages > 1)
                adapt_function(call, changes)
            wrap_request(route, changes)
        is_async = self._routes[0].request.endpoint.mode == "async"
        self._rewrite(frames, known, tries, is_async, changes)
        text = (documents_module := self._module_text())
        return Fix("submit the requests as a batch", changes.edits(), Applicability.UNSAFE, (NewFile(*documents_module),) if text else ())

    def _rewrite(self, frames: list[cst.CSTNode], known: dict[cst.Call, int], tries: int, is_async: bool, changes: ProgramChanges) -> None:
        document, tree = self._site.document, self._site.tree
        repetition = self._workload.repetition
        loops = [each for each in frames if isinstance(each, cst.For)]
        if any(isinstance(each, cst.While) for each in frames):
            raise RefusedError("a `while` loop walks the items")
        innermost = frames[-1]
        is_started = repetition is not None and repetition.kind == "fan-out"
        if not isinstance(innermost, cst.For) or is_started:
            inner = PreparedCalls(document, tree, self._site.node, innermost, most_requests(tree, self._site.node, known), tries, is_async)
            inner.rewrite(changes)
            loops = loops[:-1] if isinstance(innermost, cst.For) else loops
        if loops:
            display = self._display(tree, document)
            LoopRun(document, tree, tuple(loops), known, tries, is_async, display).rewrite(changes)

    def _display(self, tree: SourceTree, document: Document) -> cst.Call | None:
        progress = self._workload.progress
        return None if progress is None or progress.location.path != document.path else tree.call_at(document.span(progress.location))

    def _frames(self) -> list[cst.CSTNode]:
        """Return the repetitions over items around the call, outermost first. Raises `RefusedError` if the source does not show them."""
        site = self._site
        walks = [site.document.span(location) for location in self._workload.walks]
        found: list[cst.CSTNode] = []
        if any(walk.end == site.tree.span(site.node).end for walk in walks):
            found.append(site.node)
        for node in site.tree.ancestors(site.node):
            if isinstance(node, cst.FunctionDef):
                break
            span = site.tree.span(node)
            if (
                (isinstance(node, cst.For | cst.While) and any(walk.start == span.start for walk in walks))
                or (isinstance(node, COMPREHENSIONS) and any(walk.start <= span.start and span.end <= walk.end for walk in walks))
                or (isinstance(node, cst.Call) and any(walk.end == span.end for walk in walks))
            ):
                found.append(node)
        if not found:
            raise RefusedError(f"LibCST cannot see what repeats `{one_line(site.tree, site.node)}`")
        return found[::-1]

    def _module_text(self) -> tuple[str, str]:
        from pathlib import Path

        from surfacelint.codemods import llm_batch

        return "llm_batch.py", Path(llm_batch.__file__).read_text(encoding="utf-8")


__all__ = ["Route", "move_to_batch"]
