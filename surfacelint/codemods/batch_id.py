"""SRF501: keeps the id of a submitted batch, by showing it: in the log if the file has a logger that it uses, or else on standard error.

Where to store ids only the author knows, and a return value would change the interface of the function. What is shown is enough to fetch
the results, and standard output stays as it is. Unsafe, because a line appears that was not there.
"""

from __future__ import annotations

import libcst as cst

from surfacelint.catalogue.provider_rows import BatchApi
from surfacelint.codemods.documents import Document, Documents
from surfacelint.codemods.drafts import Draft, statement_around
from surfacelint.codemods.import_edits import ImportEdits
from surfacelint.codemods.refusals import Refusal
from surfacelint.facts.expressions import Attribute, Await, Call, Constant, Expr, Name, Subscript
from surfacelint.facts.module_outlines import FunctionOutline
from surfacelint.model.findings import Applicability, Finding, Fix, Location
from surfacelint.model.workloads import Workload
from surfacelint.system.records import record
from surfacelint.visitors.logger_visitor import logger_name
from surfacelint.visitors.name_bindings import fresh_name, mentioned_names
from surfacelint.visitors.source_tree import SourceTree


def batch_id(finding: Finding, workload: Workload, documents: Documents) -> Fix | Refusal:
    """Return the fix that shows the id after the statement that submits. Refuses if the call is only a part of a larger expression."""
    document, api = documents.at(workload.site.path), workload.provider.batch
    if document is None or api is None:
        return Refusal(f"`{workload.site.path}` cannot be read")
    tree = document.tree(workload.function)
    call = tree.call_at(document.span(workload.site))
    statement = None if call is None else statement_around(tree, call)
    if call is None or statement is None:
        return Refusal(f"`{workload.call}` shares its line with other statements, or is in the head of one")
    draft = Draft(document, tree)
    is_id = _gives(api.id, workload, documents)
    held = _hold(draft, statement, call, api, is_id)
    if isinstance(held, Refusal):
        return held
    shown = held if is_id else ".".join((held, *_way_to_id(workload, documents, api)))
    imports = ImportEdits(document, tree.span(statement).start)
    line = _line(tree, document, shown, imports)
    if isinstance(line, Refusal):
        return line
    (draft.before if isinstance(statement.body[0], cst.Return) else draft.after)(statement, [line])
    return Fix(f"Show the `{api.id}` of the batch", (*draft.edits(), *imports.edits()), Applicability.UNSAFE)


def _hold(draft: Draft, statement: cst.SimpleStatementLine, call: cst.Call, api: BatchApi, is_id: bool) -> str | Refusal:
    """Return the variable with the value of a call, after making one if there is none."""
    tree, small = draft.tree, statement.body[0]
    parent = tree.parent(call)
    value = parent if isinstance(parent, cst.Await) else call
    taken = tree.once(mentioned_names)
    name = fresh_name(f"batch_{api.id}" if is_id else "batch", taken)
    if isinstance(small, cst.Expr) and small.value is value:
        start = tree.span(statement).start
        draft.replace_span(draft.empty(start), f"{name} = ")
        return name
    if isinstance(small, cst.Assign) and small.value is value and len(small.targets) == 1:
        target = small.targets[0].target
        if not isinstance(target, cst.Name):
            return Refusal(f"the batch is assigned to `{tree.code(target)}`")
        if target.value.strip("_"):
            return target.value
        draft.replace(target, name)
        return name
    if not _is_evaluated_first(tree, small, value):
        return Refusal(f"`{tree.code(call.func)}` is a part of a larger expression")
    draft.before(statement, [f"{name} = {draft.text(tree.span(value))}"])
    draft.replace(value, name)
    return name


def _is_evaluated_first(tree: SourceTree, statement: cst.CSTNode, value: cst.CSTNode) -> bool:
    """Whether nothing that can be noticed runs in a statement before `value`, so that it can run in a statement of its own."""
    inner = value
    for outer in tree.ancestors(value):
        if outer is statement:
            return isinstance(outer, cst.Return | cst.Expr | cst.Assign)
        first = isinstance(outer, cst.Attribute | cst.Subscript) or (
            isinstance(outer, cst.Arg)
            and isinstance(call := tree.parent(outer), cst.Call)
            and call.args[0] is outer
            and isinstance(call.func, cst.Name)
        )
        if not first and not (isinstance(outer, cst.Call) and isinstance(inner, cst.Arg)):
            return False
        inner = outer
    return False


def _line(tree: SourceTree, document: Document, shown: str, imports: ImportEdits) -> str | Refusal:
    """Return the statement that shows an id."""
    logger = logger_name(document.tree("<module>"))
    if logger:
        return f'{logger}.info("submitted batch %s", {shown})'
    sys = imports.name("sys")
    return sys if isinstance(sys, Refusal) else f'print(f"submitted batch {{{shown}}}", file={sys}.stderr)'


@record(frozen=True, slots=True)
class _Route:
    """The functions between the reported call and the one that submits, with the calls in them."""

    workload: Workload
    documents: Documents

    def function(self, location: Location) -> FunctionOutline | None:
        """Return the innermost function around a location."""
        document = self.documents.at(location.path)
        if document is None:
            return None
        span = document.span(location)
        around = [each for each in document.outline.functions[1:] if each.span.start <= span.start and span.end <= each.span.end]
        return max(around, key=lambda each: each.span.start, default=None)


def _way_to_id(workload: Workload, documents: Documents, api: BatchApi) -> tuple[str, ...]:
    """Return the attributes from what the reported call returns to the id. Older SDKs return the job, which newer ones wrap."""
    is_wrapped = api.job and not workload.endpoint.until and not _gives(api.job, workload, documents)
    return (api.job, api.id) if is_wrapped else (api.id,)


def _gives(part: str, workload: Workload, documents: Documents) -> bool:
    """Whether the reported call returns a part of what the submission returns."""
    route = _Route(workload, documents)
    for step in workload.trace[1:]:
        function = route.function(step.location)
        if function is not None and any(_reads(value, function, part) for value in function.returns):
            return True
    return False


def _reads(value: Expr, function: FunctionOutline, field: str) -> bool:
    match value:
        case Attribute(attr=attr):
            return attr == field
        case Subscript(index=Constant(value=word)):
            return word == field
        case Await(value=inner):
            return _reads(inner, function, field)
        case Call():
            return False
        case Name():
            return any(_reads(each.value, function, field) for each in function.bindings if each.target == value and each.value != value)
        case _:
            return False
