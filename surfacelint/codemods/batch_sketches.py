"""Sketches for repeated requests: collect them and submit one batch, send one list, or let them overlap where a user waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from surfacelint.catalogue.provider_rows import BatchApi
from surfacelint.codemods.sketch_source import (
    INDENT,
    LONGEST,
    RemedySketch,
    RequestSource,
    Subject,
    arguments,
    batch_path,
    called,
    results_come,
    spelled,
    submission,
)
from surfacelint.facts.expressions import Span
from surfacelint.model.finding_messages import batch_api
from surfacelint.visitors.repetition_visitor import ComprehensionParts, LoopParts, RepeatingCall, Round
from surfacelint.visitors.source_tree import SourceTree

MOST_PREPARING = 5
"""Statements before the request that a sketch repeats. Where there are more, it shows `...`."""

MOST_CONDITIONS = 3
"""Conditions around the request that a sketch repeats."""

_TELLING = frozenset({cst.If, cst.With, cst.IndentedBlock})


def repeated_sketch(subject: Subject) -> RemedySketch | None:
    """Return the sketch of the remedy that the message of a repeated request names."""
    workload = subject.workload
    if workload.endpoint.takes_list:
        return list_sketch(subject)
    watched = workload.progress is not None and workload.progress.audience == "browser"
    if workload.waiting.answer == "yes" or watched:
        return overlapping_sketch(subject)
    api = batch_api(workload)
    return None if api is None else batch_sketch(subject, api)


def batch_sketch(subject: Subject, api: BatchApi) -> RemedySketch | None:
    """Return the sketch that collects the requests in the loop and submits one batch after it."""
    workload, request = subject.workload, RequestSource.of(subject)
    client = "client" if request is None else request.client(workload)
    submitted = "" if workload.posted else submission(workload, api, client, "requests")
    item = api.item or "BODY"
    for placeholder, text in (("ID", "str(len(requests))"), ("URL", batch_path(workload)), ("BODY", "body")):
        item = item.replace(placeholder, text)
    body = "{...}" if request is None or workload.kind == "pseudo-batch" else request.body(workload.endpoint.path)
    origin = f"  # what `{subject.spelled()}` sends" if request is None or request.call is not subject.call else ""
    how = api.post if workload.posted and api.post else api.submit
    wait = "await " if workload.endpoint.mode == "async" else ""
    after = [f"batch = {wait}{submitted}"] if submitted else [f"# submit them: {how or api.title}"]
    if "..." in submitted and "=requests" not in submitted:
        after.insert(0, "# upload the requests as a file first, one JSON object per line")
    key = f", each with its `{api.key}`" if api.key else ""
    after.append(f"# keep the id, and collect the results {results_come(api)}{key}")
    return _looped(subject, ["requests = []"], [f"body = {body}{origin}", f"requests.append({item})"], after)


def list_sketch(subject: Subject) -> RemedySketch | None:
    """Return the sketch that collects the inputs in the loop and sends them in lists."""
    endpoint, request = subject.workload.endpoint, RequestSource.of(subject)
    if request is None or subject.workload.posted:
        return None
    given = arguments(request.tree, request.call)
    positional = [number for number, (name, _) in enumerate(given) if not name]
    named = [number for number, (name, _) in enumerate(given) if name in endpoint.keywords]
    at = named[0] if named else positional[endpoint.argument] if endpoint.argument < len(positional) else None
    if at is None:
        return None
    one = given[at][1].removeprefix("[").removesuffix("]") if given[at][1].startswith("[") else given[at][1]
    if request.call is not subject.call:
        own = [] if subject.call is None else [text for name, text in arguments(subject.tree, subject.call) if not name]
        one = own[0] if own else "..."
    function = request.callee
    if not endpoint.list_input:
        function = f"{function.rpartition('.')[0]}.{endpoint.list_twin.rpartition('.')[2]}".lstrip(".")
    many = f"inputs[start : start + {endpoint.limit}]" if endpoint.limit else "inputs"
    given[at] = (given[at][0], many)
    sent = f"response = {'await ' if endpoint.mode == 'async' else ''}{called(function, given)}"
    after = [f"for start in range(0, len(inputs), {endpoint.limit}):", f"{INDENT}{sent}  # one result per input"]
    return _looped(subject, ["inputs = []"], [f"inputs.append({one})"], after if endpoint.limit else [f"{sent}  # one result per input"])


def single_batch_sketch(subject: Subject) -> RemedySketch | None:
    """Return the sketch that collects the requests of many small batches and submits them as one."""
    request = RequestSource.of(subject)
    if request is None or subject.call is None:
        return None
    endpoint, given, one, note = subject.workload.endpoint, arguments(request.tree, request.call), "{...}", "with all requests"
    for number, each in enumerate(request.call.args):
        if given[number][0] not in endpoint.keywords and given[number][0] in endpoint.files:
            given[number], note = (given[number][0], "..."), "of one file with all requests"
        elif given[number][0] in endpoint.keywords:
            given[number] = (given[number][0], "all_requests")
            if isinstance(each.value, cst.List) and len(each.value.elements) == 1:
                one = spelled(request.tree, each.value.elements[0].value)
    sent = f"batch = {'await ' if endpoint.mode == 'async' else ''}{called(request.callee, given)}  # {note}"
    return _looped(subject, ["all_requests = []"], [f"all_requests.append({one})"], [sent], repeats=False)


def overlapping_sketch(subject: Subject) -> RemedySketch | None:
    """Return the sketch that lets the calls overlap, for a user who waits. Nothing if they are limited to one at a time on purpose."""
    call, repeated = subject.call, subject.workload.repetition
    if call is None or repeated is None or repeated.single or isinstance(subject.construct.reported, RepeatingCall):
        return None
    function, given = spelled(subject.tree, call.func), arguments(subject.tree, call)
    if isinstance(subject.construct.path[-2], cst.Await):
        body, after = f"calls.append({called(function, given)})", "results = await asyncio.gather(*calls)"
        return _looped(subject, ["calls = []"], [body], [after])
    body = f"futures.append({called('pool.submit', [('', function), *given])})"
    head = ["pool = ThreadPoolExecutor(max_workers=8)", "futures = []"]
    return _looped(subject, head, [body], ["results = [future.result() for future in futures]  # in the order of the items"])


def _looped(subject: Subject, before: list[str], body: list[str], after: list[str], *, repeats: bool = True) -> RemedySketch | None:
    """Return a sketch with the loops of the construct around the lines of a body; it `repeats` the statements before the request."""
    place = _place(subject)
    if place is None:
        return None
    depth, lines = 0, [*before]
    for line in _around(subject, MOST_PREPARING if repeats else 0):
        lines.append(INDENT * depth + line)
        depth += line.partition("  #")[0].endswith(":")
    if any(isinstance(each.node, cst.While) for each in subject.construct.walks):
        body = [*body, "...  # as before"]
    return RemedySketch(place, (*lines, *[INDENT * depth + line for line in body], *after))


def _place(subject: Subject) -> Span | None:
    """Return the span of the statement that the sketch replaces: the outermost loop, or the statement that holds what repeats."""
    walks = subject.construct.walks
    statement = subject.construct.statement(walks[0].node) if walks else None
    return None if statement is None else subject.tree.span(statement)


def _around(subject: Subject, most: int) -> Iterator[str]:
    """Yield the lines around the request: headers of loops over items and of conditions, and the statements that prepare it.

    A line that ends in a colon holds the lines after it. Of a long chain of conditions, none is repeated.
    """
    tree, walks = subject.tree, subject.construct.walks
    path = subject.construct.path[subject.construct.path.index(walks[0].node) :]
    headers = [each for each in walks if not isinstance(each, RepeatingCall)]
    heads = {each.node for each in headers}
    is_short = [type(each) for each in path].count(cst.If) <= MOST_CONDITIONS
    if not is_short:
        path = tuple([each for each in path if type(each) is not cst.If])
    telling = [number for number, each in enumerate(path[:-1]) if each in heads or type(each) in _TELLING]
    for node, inner in [(path[number], path[number + 1]) for number in telling]:
        if node in heads:
            for each in headers:
                yield from _header(subject, each) if each.node is node else ()
        elif isinstance(node, cst.If):
            yield f"if {spelled(tree, node.test)}:" if inner is node.body else f"if not ({spelled(tree, node.test)}):"
        elif isinstance(node, cst.With):
            yield f"with {', '.join(spelled(tree, each.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for each in node.items)}:"
        elif isinstance(node, cst.IndentedBlock):
            yield from _preparing(tree, node.body[: node.body.index(inner)] if inner in node.body else node.body[:0], most)
    if not is_short:
        yield "if ...:  # as before"
    if isinstance(walks[-1], RepeatingCall):
        yield f"{_clause(subject, walks[-1])}:"


def _header(subject: Subject, each: Round) -> Iterator[str]:
    if isinstance(each, LoopParts) and isinstance(each.node, cst.While):
        yield f"while {spelled(subject.tree, each.node.test)}:"
        return
    yield f"{_clause(subject, each)}:"
    if isinstance(each, ComprehensionParts):
        yield from (f"if {spelled(subject.tree, one.test)}:" for one in each.clause.ifs)


def _clause(subject: Subject, each: Round) -> str:
    """Return `for … in …`."""
    if isinstance(each, RepeatingCall):
        return f"for {_parameter(each) or 'item'} in {subject.items()}"
    asynchronous = each.clause.asynchronous if isinstance(each, ComprehensionParts) else getattr(each.node, "asynchronous", None)
    target = "item" if each.targets is None else spelled(subject.tree, each.targets)
    return f"{'async ' if asynchronous else ''}for {target} in {spelled(subject.tree, each.items)}"


def _parameter(each: RepeatingCall) -> str:
    """Return the parameter of a lambda that is run for each item, or an empty text."""
    worker = each.worker
    return worker.params.params[0].name.value if isinstance(worker, cst.Lambda) and worker.params.params else ""


def _preparing(tree: SourceTree, statements: Sequence[cst.CSTNode], most: int) -> Iterator[str]:
    """Yield the lines of statements, or `...` for more than `most`, long or compound ones."""
    if not statements:
        return
    codes = [tree.code(each).strip() for each in statements] if len(statements) <= most else []
    is_plain = codes and all(isinstance(each, cst.SimpleStatementLine) for each in statements)
    if is_plain and all("\n" not in code and len(code) <= LONGEST for code in codes):
        yield from codes
    else:
        yield "...  # as before"
