"""Sketches for code that users wait for: answer before the batch ends, queue the follow-up, leave the event loop free."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from surfacelint.catalogue.provider_rows import BatchApi
from surfacelint.codemods.sketch_source import (
    INDENT,
    RemedySketch,
    RequestSource,
    Subject,
    arguments,
    called,
    results_come,
    spelled,
    submission,
)
from surfacelint.facts.expressions import Span
from surfacelint.model.finding_messages import batch_api
from surfacelint.visitors.constructs import waiting_methods
from surfacelint.visitors.handler_visitor import called_name, handler_around
from surfacelint.visitors.source_tree import UnreadableError
from surfacelint.visitors.spellings import one_line


def submitting_sketch(subject: Subject) -> RemedySketch | None:
    """Return the sketch of a handler that submits a batch, answers with its id, and leaves the results to a later call."""
    workload, call, function = subject.workload, subject.call, subject.construct.handler.function
    api = workload.provider.batch
    if call is None or function is None or api is None:
        return None
    name, id_ = function.name.value, api.id or "id"
    wait, define = ("await ", "async def") if workload.endpoint.mode == "async" else ("", "def")
    request = RequestSource.of(subject)
    client = "client" if request is None else request.client(workload)
    lines = [
        *(one_line(subject.tree.code(each)).strip() for each in function.decorators),
        _definition(subject, function),
        *_submitting(subject, call, api, client, id_),
    ]
    poll = next((each for each in workload.provider.endpoints if each.surface == "batch-poll"), None)
    if poll is not None:
        given = f"{poll.keywords[0]}={id_}" if poll.keywords else id_
        lines += ["", "", f"{define} {name}_results({id_}):  # a second handler, or a job"]
        lines.append(f"{INDENT}batch = {wait}{client}.{poll.path.rpartition('().')[2]}({given})")
        lines.append(f"{INDENT}return batch.{api.status[0]}" if api.status else f"{INDENT}return batch")
    return RemedySketch(_with_decorators(subject, function), tuple(lines))


def _submitting(subject: Subject, call: cst.Call, api: BatchApi, client: str, id_: str) -> Iterator[str]:
    """Yield the lines that submit the batch and answer: the reported call, unless a function that it runs waits for the batch."""
    workload = subject.workload
    answer = "answer 202 Accepted" if workload.about == "http" else "answer at once"
    answer += f", with the id: the results come {results_come(api)}"
    wait = "await " if isinstance(_parent(subject), cst.Await) else ""
    sent = f"{wait}{called(one_line(subject.tree.code(call.func)), arguments(subject.tree, call))}"
    if workload.call != workload.request and not _waits_on_the_way(subject):
        yield f"{INDENT}submitted = {sent}"
        yield f"{INDENT}return submitted  # {answer}"
        return
    if workload.call != workload.request:
        sent = f"{'await ' if workload.endpoint.mode == 'async' else ''}{submission(workload, api, client, 'requests') or '...'}"
    yield f"{INDENT}batch = {sent}"
    yield f"{INDENT}return batch.{id_}  # {answer}"


def _waits_on_the_way(subject: Subject) -> bool:
    """Whether a function between the reported call and the one that submits the batch also waits for it."""
    workload = subject.workload
    for place in (place for route in workload.routes for place in route.calls[1:]):
        document = subject.documents.at(place.path)
        try:
            tree = None if document is None else document.tree(document.function_at(document.span(place)))
        except UnreadableError:
            continue
        path = () if tree is None or document is None else tree.path_to(document.span(place))
        if path and handler_around(path, *waiting_methods(workload)).waits:
            return True
    return False


def queue_sketch(subject: Subject) -> RemedySketch | None:
    """Return the sketch that writes the inputs of a request to a queue, from which a job submits batches."""
    workload, call = subject.workload, subject.call
    statement = subject.construct.statement()
    api = batch_api(workload)
    if call is None or statement is None or api is None:
        return None
    given = [(name, text) for name, text in arguments(subject.tree, call) if text != workload.worker]
    fields = ", ".join(f'"{_field(name, text, number)}": {text}' for number, (name, text) in enumerate(given, start=1) if name[:1] != "*")
    name = (workload.worker or called_name(call)).rpartition(".")[2] or "requests"
    submitted = submission(workload, api, "client", "requests")
    lines = [
        f'with open("{name}.jsonl", "a", encoding="utf-8") as queue:',
        f"{INDENT}print(json.dumps({{{fields}}}), file=queue)  # instead of `{subject.spelled()}`",
        f"# A job reads {name}.jsonl, for example every night, and submits its requests as one batch:",
        f"# {submitted or api.submit or api.title}",
    ]
    return RemedySketch(subject.tree.span(statement), tuple(lines))


def thread_sketch(subject: Subject) -> RemedySketch | None:
    """Return the sketch that runs a blocking call in a thread and awaits it."""
    call, statement = subject.call, subject.construct.statement()
    if call is None or not isinstance(statement, cst.BaseSmallStatement):
        return None
    moved = called("asyncio.to_thread", [("", spelled(subject.tree, call.func)), *arguments(subject.tree, call)])
    parent = _parent(subject)
    whole = isinstance(parent, cst.Attribute | cst.Subscript | cst.Call) and getattr(parent, "args", ()) == ()
    awaited = f"(await {moved})" if whole or isinstance(parent, cst.Attribute | cst.Subscript) else f"await {moved}"
    changed = statement.deep_replace(call, cst.parse_expression(awaited))
    assert isinstance(changed, cst.CSTNode)
    return RemedySketch(subject.tree.span(statement), (one_line(subject.tree.code(changed)).strip(),))


def _parent(subject: Subject) -> cst.CSTNode | None:
    path = subject.construct.path
    return path[-2] if len(path) > 1 else None


def _definition(subject: Subject, function: cst.FunctionDef) -> str:
    """Return the line that defines a function, with what it returns left to its author."""
    parameters = one_line(subject.tree.code(function.params))
    return f"{'async ' if function.asynchronous else ''}def {function.name.value}({parameters}):"


def _with_decorators(subject: Subject, function: cst.FunctionDef) -> Span:
    """Return the span of a function from its first decorator on."""
    span = subject.tree.span(function)
    first = subject.tree.span(function.decorators[0]).start if function.decorators else span.start
    return Span(min(first, span.start), span.end)


def _field(name: str, text: str, number: int) -> str:
    """Return the name under which an argument is queued: its keyword, the name that is passed, or its position."""
    if name:
        return name
    last = text.rpartition(".")[2]
    return last if last.isidentifier() else f"argument{number}" if number > 1 else "input"
