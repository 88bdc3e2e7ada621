"""SRF502: raises an error if requests of a batch failed, before their answers are read.

Where failed requests are among the results, the check stands before the answer of each is read. There the fix is safe: reading a missing
answer raised an error as well, without saying which request failed or why. Where they are in a file of their own, the check stands before
the output of the job is read. That is unsafe: the program ran to its end before, with fewer answers.
"""

from __future__ import annotations

import libcst as cst

from surfacelint.catalogue.provider_rows import BatchApi
from surfacelint.codemods.documents import Document, Documents
from surfacelint.codemods.drafts import INDENT, Draft, hoist_place
from surfacelint.codemods.refusals import Refusal
from surfacelint.facts.expressions import Expr, dotted
from surfacelint.facts.module_outlines import MODULE_BODY, title
from surfacelint.model.findings import Applicability, Finding, Fix
from surfacelint.model.workloads import Workload
from surfacelint.visitors.batch_result_visitor import OutputRead, ResultVariable, clauses, output_reads, result_variable, statement_at
from surfacelint.visitors.fan_out_visitor import is_consumed
from surfacelint.visitors.name_bindings import fresh_name, mentioned_names
from surfacelint.visitors.side_effects import below
from surfacelint.visitors.source_tree import SourceTree


def failed_requests(finding: Finding, workload: Workload, documents: Documents) -> Fix | Refusal:
    """Return the fix that checks for failed requests. Refuses if neither the job nor a single result can be found in the code."""
    document, api = documents.at(workload.site.path), workload.provider.batch
    if document is None or api is None or not (api.failed_job or api.failed_result):
        return Refusal(f"how {workload.provider.title} reports failed requests is not known")
    if api.failed_result and not api.apart:
        fix = _check_result(document, workload, api)
        if isinstance(fix, Fix) or not api.failed_job:
            return fix
    return _check_job(documents, workload, api)


def _check_job(documents: Documents, workload: Workload, api: BatchApi) -> Fix | Refusal:
    """Return the fix that checks the job where its output is asked for."""
    for path, qualname in _places(workload, documents):
        document = documents.at(path)
        if document is None:
            continue
        tree = document.tree(qualname)
        for read in output_reads(tree, api.output):
            if qualname == MODULE_BODY and any(isinstance(each, cst.FunctionDef) for each in tree.ancestors(read.node)):
                continue
            place = _statement_before(tree, read.node)
            if place is not None:
                return _checked_job(Draft(document, tree), read, place, api)
    return Refusal(f"`{title(workload.function)}` and its callers get no `{api.output[0]}` of a job, which knows whether requests failed")


def _places(workload: Workload, documents: Documents) -> list[tuple[str, str]]:
    """Return the functions to search for the job: those on the way to the results, then those that call the one which reads them."""
    found: dict[tuple[str, str], None] = {(workload.site.path, workload.function): None}
    for step in workload.trace:
        document = documents.at(step.location.path)
        if document is None:
            continue
        span = document.span(step.location)
        around = [each for each in document.outline.functions[1:] if each.span.start <= span.start and span.end <= each.span.end]
        for each in sorted(around, key=lambda each: each.span.start, reverse=True):
            found.setdefault((document.path, each.qualname))
    return [*found, *_callers(workload, documents)]


def _callers(workload: Workload, documents: Documents) -> list[tuple[str, str]]:
    """Return the functions in the file of a workload that call its function, then the module body if it does."""
    document = documents.at(workload.site.path)
    function = None if document is None else document.function(workload.function)
    if document is None or function is None:
        return []
    called = [each for each in document.outline.functions if any(_names(site.call.function) == function.name for site in each.calls)]
    return [(document.path, each.qualname) for each in sorted(called, key=lambda each: each.qualname == MODULE_BODY)]


def _names(function: Expr) -> str:
    return (dotted(function) or "").rpartition(".")[2]


def _statement_before(tree: SourceTree, node: cst.CSTNode) -> cst.BaseStatement | None:
    """Return the statement before which the job of an expression can be checked. The condition of an `if` counts as before it."""
    place = hoist_place(tree, node)
    if place is not None:
        return place
    for outer in tree.ancestors(node):
        if isinstance(outer, cst.If):
            is_test = any(each is node for each in below(outer.test))
            return outer if is_test and isinstance(tree.parent(outer), cst.IndentedBlock | cst.Module) else None
        if isinstance(outer, cst.BaseStatement | cst.BaseComp | cst.Lambda):
            return None
    return None


def _checked_job(draft: Draft, read: OutputRead, place: cst.BaseStatement, api: BatchApi) -> Fix:
    tree = draft.tree
    job = draft.source(read.job)
    lines = []
    if not isinstance(read.job, cst.Name | cst.Attribute):
        name = fresh_name("batch", tree.once(mentioned_names))
        lines.append(f"{name} = {job}")
        draft.replace(read.job, name)
        job = name
    lines += [f"if {_filled(api.failed_job, job)}:", f"{INDENT}{_raise(api.failure, job)}"]
    draft.before(place, lines)
    return Fix("Raise an error if requests of the batch failed", draft.edits(), Applicability.UNSAFE)


def _check_result(document: Document, workload: Workload, api: BatchApi) -> Fix | Refusal:
    """Return the fix that checks each result before its answer is read."""
    tree = document.tree(workload.function)
    statement = statement_at(tree, document.span(workload.site))
    variable = None if statement is None else result_variable(tree, statement, api.answers)
    if variable is None:
        return Refusal("the answer is not read from a variable with one result")
    path = next((each.split(".") for each in api.answers), [])
    owner = ".".join(["@", *path[: variable.skipped]])
    if api.failed_result.replace(owner, "").count("@"):
        return Refusal(f"`{variable.name}` is only a part of a result")
    test = api.failed_result.replace(owner, variable.name)
    error = _raise(api.failure.replace(owner, variable.name), variable.name if not variable.skipped else "")
    draft = Draft(document, tree)
    check = [f"if {test}:", f"{INDENT}{error}"]
    if isinstance(variable.loop, cst.BaseComp):
        reason = _unrolled(draft, variable, variable.loop, check)
        if reason is not None:
            return reason
    elif isinstance(tree.parent(variable.statement), cst.IndentedBlock | cst.Module):
        draft.before(variable.statement, check)
    else:
        return Refusal("the answer is read in a line with other statements")
    grade = Applicability.SAFE if variable.is_attribute else Applicability.UNSAFE
    return Fix("Raise an error for a failed request, before its answer is read", draft.edits(), grade)


def _unrolled(draft: Draft, variable: ResultVariable, node: cst.BaseComp, check: list[str]) -> Refusal | None:
    """Replace a comprehension by a loop with a check in it. Returns why that is not possible, or `None`."""
    statement, line = variable.statement, None
    match statement:
        case cst.SimpleStatementLine(
            body=[cst.Return(value=value) | cst.Assign(value=value, targets=[cst.AssignTarget(target=cst.Name())])]
        ):
            line = statement.body[0] if value is node and not isinstance(node, cst.GeneratorExp) else None
    place = hoist_place(draft.tree, node)
    is_all_read = not isinstance(node, cst.GeneratorExp) or is_consumed(draft.tree, node)
    if line is None and (place is None or not is_all_read):
        return Refusal("the answers are read in a comprehension that may run several times, late or not at all")
    target = line.targets[0].target if isinstance(line, cst.Assign) else None
    name = target.value if isinstance(target, cst.Name) else fresh_name("answers", draft.tree.once(mentioned_names))
    start, added = _collected(draft, node, name)
    lines, indent = [f"{name} = {start}"], ""
    for clause in clauses(node):
        head = "async for" if clause.asynchronous is not None else "for"
        lines.append(f"{indent}{head} {draft.source(clause.target)} in {draft.source(clause.iter)}:")
        indent += INDENT
        for each in clause.ifs:
            lines.append(f"{indent}if {draft.source(each.test)}:")
            indent += INDENT
        if isinstance(clause.target, cst.Name) and clause.target.value == variable.name:
            lines += [f"{indent}{each}" for each in check]
    lines.append(f"{indent}{added}")
    if isinstance(line, cst.Return):
        lines.append(f"return {name}")
    if line is not None:
        draft.replace(line, f"\n{draft.indent(statement)}".join(lines))
    elif place is not None:
        draft.before(place, lines)
        draft.replace(node, name)
    return None


def _collected(draft: Draft, node: cst.BaseComp, name: str) -> tuple[str, str]:
    """Return the empty container for a comprehension, and the statement that adds one element."""
    match node:
        case cst.DictComp(key=key, value=value):
            return "{}", f"{name}[{draft.source(key)}] = {draft.source(value)}"
        case cst.SetComp(elt=element):
            return "set()", f"{name}.add({draft.source(element)})"
        case cst.ListComp(elt=element) | cst.GeneratorExp(elt=element):
            return "[]", f"{name}.append({draft.source(element)})"
        case _:
            raise AssertionError(node)


def _filled(template: str, name: str) -> str:
    return template.replace("@", name)


def _raise(message: str, name: str) -> str:
    """Return the statement that raises an error. Parts of the message about the whole result are left out if only a part is known."""
    text = _filled(message, name) if name else ", ".join(part for part in message.split(", ") if "@" not in part)
    return f'raise RuntimeError(f"{text}")'
