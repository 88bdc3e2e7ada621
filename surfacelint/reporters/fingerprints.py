"""Fingerprints: what a finding goes by from one run to the next, though lines move."""

from __future__ import annotations

import hashlib
from collections import Counter

from surfacelint.model.findings import Report

VERSION = "surfacelint/v1"
"""The name of this way to make fingerprints; another way needs another name."""


def fingerprints(report: Report) -> tuple[str, ...]:
    """Return a fingerprint for each of the findings, then for each of the suppressed ones.

    It rests on the rule, the path, the function and the call. Findings that have all of these in common are counted in
    the order of their places, suppressed ones too, so that to suppress one does not rename the next.
    """
    everything = (*report.findings, *report.suppressed)
    seen: Counter[tuple[str, str, str, str]] = Counter()
    found: dict[int, str] = {}
    for index in sorted(range(len(everything)), key=lambda index: everything[index].sort_key):
        identity = everything[index].identity
        seen[identity] += 1
        found[index] = hashlib.sha256("\0".join((*identity, str(seen[identity]))).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return tuple(found[index] for index in range(len(everything)))
