"""Findings that the working tree has and a revision has not, by fingerprint, as against a baseline of the revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from surfacelint.config import Config
from surfacelint.model.findings import Report, SuppressedBy
from surfacelint.pipeline import engine
from surfacelint.pipeline.revisions import read_revision
from surfacelint.rules import NOT_CHECKED
from surfacelint.suppressions.baseline_file import Baseline


def only_added(report: Report, revision: str, paths: Sequence[str], config: Config) -> Report:
    """Return a report in which the findings that a revision has, too, are suppressed. Raises ConfigError.

    Findings may move within their file, and with a file that is renamed. What could not be checked in the revision is a warning.
    """
    base = read_revision(revision, paths, config)
    before = engine.run(paths, replace(config, baseline=""), given=base.texts, absent=base.absent, fixes=False)
    compared = Baseline.of(config.root / "revision", before.findings).compare(report.findings, lambda _entry, _path: False)
    known = (replace(each, suppressed=SuppressedBy("external", f"also in {revision}")) for each in compared.known)
    unchecked = dict.fromkeys(each.location.path for each in before.findings if each.rule.code == NOT_CHECKED)
    return replace(
        report,
        findings=compared.new,
        suppressed=tuple(sorted((*report.suppressed, *known), key=lambda each: each.sort_key)),
        warnings=(
            *report.warnings,
            *(f"{path}: could not be checked in {revision}, so all of its findings count as new" for path in unchecked),
        ),
    )
