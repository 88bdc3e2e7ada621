"""Sketches."""

from __future__ import annotations

from surfacelint.codemods.documents import Documents
from surfacelint.codemods.refusals import Refusal
from surfacelint.model.findings import Finding, Fix
from surfacelint.model.workloads import Workload
from surfacelint.visitors.constructs import Construct


def sketch_of(finding: Finding, workload: Workload, construct: Construct, documents: Documents, refusal: Refusal) -> Fix | None:
    """Return a sketch."""
    return None
