"""Fingerprints: identifiers of findings that stay the same when lines move."""

from __future__ import annotations

import hashlib
from collections import Counter

from surfacelint.model.findings import Report

VERSION = "surfacelint/v1"
"""Version of the algorithm. Change it whenever fingerprints of the same finding change."""


def fingerprints(report: Report) -> tuple[str, ...]:
    """Return one fingerprint per live finding, then one per suppressed finding.

    A fingerprint is a digest of rule, path, function, call and a counter. The counter distinguishes findings that agree
    in the rest, in order of location. It includes suppressed findings, so that suppressing one does not change others.
    """
    everything = (*report.findings, *report.suppressed)
    seen: Counter[tuple[str, str, str, str]] = Counter()
    found: dict[int, str] = {}
    for index in sorted(range(len(everything)), key=lambda index: everything[index].sort_key):
        identity = everything[index].identity
        seen[identity] += 1
        found[index] = hashlib.sha256("\0".join((*identity, str(seen[identity]))).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return tuple(found[index] for index in range(len(everything)))
