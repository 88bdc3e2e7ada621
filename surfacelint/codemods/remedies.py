"""Which codemod fixes the findings of which rule, and the sketch that takes its place where it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from surfacelint.codemods.batch_id import batch_id
from surfacelint.codemods.documents import Documents
from surfacelint.codemods.failed_requests import failed_requests
from surfacelint.codemods.input_lists.list_inputs import list_inputs
from surfacelint.codemods.join_by_key import join_by_key
from surfacelint.codemods.loop_to_batch.loop_to_batch import move_to_batch
from surfacelint.codemods.poll_end import poll_end
from surfacelint.codemods.price_tier import price_tier
from surfacelint.codemods.refusals import Refusal
from surfacelint.codemods.sketches import sketch_of
from surfacelint.model.findings import Finding, Fix
from surfacelint.model.workloads import Workload
from surfacelint.visitors.constructs import Construct

Codemod: TypeAlias = Callable[[Finding, Workload, Documents], "Fix | Refusal"]
"""Returns the fix of a finding about a workload, or why there is none."""

CODEMODS: dict[str, Codemod] = {
    "SRF104": list_inputs,
    **dict.fromkeys(("SRF101", "SRF102", "SRF103", "SRF301", "SRF302", "SRF304", "SRF305"), move_to_batch),
    "SRF501": batch_id,
    "SRF502": failed_requests,
    "SRF503": join_by_key,
    "SRF505": poll_end,
    "SRF601": price_tier,
}
"""The codemod of each rule that has one, by code."""


DECISIONS = {
    "SRF105": "the requests are made inside a library",
    "SRF106": "your application decides where the inputs wait for a batch",
    "SRF201": "what the user gets until the results arrive is a product decision",
    "SRF202": "what the user gets until the results arrive is a product decision",
    "SRF303": "you choose between an async client and a thread",
    "SRF306": "how many requests may run at a time depends on your rate limit",
    "SRF401": "your application decides where the inputs wait for a batch",
    "SRF402": "your application decides where the inputs wait for a batch",
}
"""What only the user can decide, for rules without a codemod."""


def remedied(finding: Finding, workload: Workload, construct: Construct, documents: Documents) -> Finding:
    """Return a finding with its fix; without one, with the reason and a sketch of the remedy."""
    found = fix_of(finding, workload, documents)
    if isinstance(found, Fix):
        return replace(finding, fix=found)
    return replace(finding, refusal=found.reason, fix=sketch_of(workload, construct, documents, found))


def fix_of(finding: Finding, workload: Workload, documents: Documents) -> Fix | Refusal:
    """Return the fix of a finding about a workload, or why there is none."""
    codemod = CODEMODS.get(finding.rule.code)
    if codemod is None:
        return Refusal(DECISIONS.get(finding.rule.code, "the rule has no automatic fix"))
    return codemod(finding, workload, documents)
