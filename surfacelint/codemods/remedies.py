"""Which codemod fixes the findings of which rule, and the sketch that takes its place where it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from surfacelint.codemods.batch_id import batch_id
from surfacelint.codemods.documents import Documents
from surfacelint.codemods.failed_requests import failed_requests
from surfacelint.codemods.join_by_key import join_by_key
from surfacelint.codemods.list_inputs import list_inputs
from surfacelint.codemods.poll_end import poll_end
from surfacelint.codemods.price_tier import price_tier
from surfacelint.codemods.refusals import Refusal
from surfacelint.model.findings import Finding, Fix
from surfacelint.model.workloads import Workload

Codemod: TypeAlias = Callable[[Finding, Workload, Documents], "Fix | Refusal"]
"""Returns the fix of a finding about a workload, or why there is none."""

CODEMODS: dict[str, Codemod] = {
    "SRF104": list_inputs,
    "SRF501": batch_id,
    "SRF502": failed_requests,
    "SRF503": join_by_key,
    "SRF505": poll_end,
    "SRF601": price_tier,
}
"""The codemod of each rule that has one, by code."""


def fix_of(finding: Finding, workload: Workload, documents: Documents) -> Fix | Refusal:
    """Return the fix of a finding about a workload, or why there is none."""
    codemod = CODEMODS.get(finding.rule.code)
    if codemod is None:
        return Refusal("the rule has no automatic fix")
    return codemod(finding, workload, documents)
