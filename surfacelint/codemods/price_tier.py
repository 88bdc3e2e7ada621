"""SRF601: takes the keyword of an unsuitable price tier out of a request.

Safe: the standard tier, which every request without the keyword gets, returns the same answers. It is faster than `flex` and cheaper than
`priority`.
"""

from __future__ import annotations

import libcst as cst

from surfacelint.codemods.documents import Document, Documents
from surfacelint.codemods.drafts import Draft
from surfacelint.codemods.refusals import Refusal
from surfacelint.facts.expressions import Constant, Name, Span
from surfacelint.model.findings import Applicability, Finding, Fix
from surfacelint.model.workloads import Workload
from surfacelint.visitors.call_arguments import span_without
from surfacelint.visitors.source_tree import SourceTree
from surfacelint.visitors.tier_visitor import TierKeyword, tier_keyword


def price_tier(finding: Finding, workload: Workload, documents: Documents) -> Fix | Refusal:
    """Return the fix that removes the keyword. Refuses if other requests share it, or if its value is not written beside it."""
    document = documents.at(workload.site.path)
    if document is None:
        return Refusal(f"`{workload.site.path}` cannot be read")
    tree = document.tree(workload.function)
    request = tree.call_at(document.span(workload.site))
    name = workload.about.partition("=")[0]
    found = None if request is None else tier_keyword(tree, request, name)
    if found is None:
        return Refusal(f"`{name}` is not set in the call, but where its client or its arguments are created")
    reason = _shared(document, tree, found, name)
    if reason:
        return Refusal(reason)
    draft = Draft(document, tree)
    draft.replace_span(_span(draft, found), "")
    return Fix(f"Remove `{workload.about}`, to use the standard tier", draft.edits(), Applicability.SAFE)


def _shared(document: Document, tree: SourceTree, found: TierKeyword, name: str) -> str:
    """Return why the keyword also decides about something else, or an empty string."""
    if isinstance(found.value, cst.Name) and not _is_constant(document, found.value.value):
        return f"`{name}` is the variable `{found.value.value}`, which may have other values"
    if not isinstance(found.value, cst.SimpleString | cst.Name):
        return f"`{name}` is computed"
    # Once where it is assigned, and once where the request reads it.
    if found.variable and _reads_and_writes(tree, found.variable) != 2:
        return f"other code uses `{found.variable}`, too"
    return ""


def _is_constant(document: Document, name: str) -> bool:
    """Whether a name is assigned once in the file, and that to a literal."""
    parameters = any(each.name == name for function in document.outline.functions for each in function.parameters)
    bound = [each.value for function in document.outline.functions for each in function.bindings if each.target == Name(name)]
    return not parameters and len(bound) == 1 and isinstance(bound[0], Constant)


def _reads_and_writes(tree: SourceTree, name: str) -> int:
    keywords = sum(each.keyword is not None and each.keyword.value == name for each in tree.nodes(cst.Arg))
    return sum(each.value == name for each in tree.nodes(cst.Name)) - keywords


def _span(draft: Draft, found: TierKeyword) -> Span:
    """Return the span to delete. Comments between the keyword and the next one stay."""
    span = span_without(draft.tree, found.items, found.item)
    comma = found.item.comma
    if "#" in draft.text(Span(draft.tree.span(found.item).end, span.end)) and isinstance(comma, cst.Comma):
        return Span(span.start, draft.tree.span(comma).end)
    return span
