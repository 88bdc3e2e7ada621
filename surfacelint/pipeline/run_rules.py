"""Runs the enabled rules over a program, and keeps one finding per workload by precedence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from surfacelint.config import Hierarchy
from surfacelint.model.findings import LONGEST_TRACE, Finding, Location, shortened
from surfacelint.model.workloads import Program, Workload
from surfacelint.pipeline.report_building import Enabled
from surfacelint.project.module_names import Project
from surfacelint.rules import RULES, selected
from surfacelint.system.records import record

PRECEDENCE = ("SRF104", "SRF304", "SRF301", "SRF305", "SRF302", "SRF303", "SRF103", "SRF102", "SRF101")
"""A workload gets at most one finding of these rules: the first enabled one that fires."""


@record(frozen=True, slots=True)
class EnabledRules:
    """Decides whether the rule with a code is enabled for a displayed path. `codes` holds the enabled codes per configuration."""

    hierarchy: Hierarchy
    project: Project
    codes: dict[int, frozenset[str]]

    @classmethod
    def of(cls, hierarchy: Hierarchy, project: Project) -> EnabledRules:
        """Read the enabled codes of all configurations of a project. Raises `ConfigError` for unknown rules."""
        codes = {id(config): frozenset(rule.code for rule in selected(RULES, config)) for config in hierarchy.folders()}
        return cls(hierarchy, project, codes)

    def __call__(self, code: str, path: str) -> bool:
        file = self.project.shown_as(path)
        config = self.hierarchy.run if file is None else self.hierarchy.at(file.path)
        return code in self.codes[id(config)] and (file is None or not config.ignores(code, file.path))


def codes_of(hierarchy: Hierarchy, project: Project) -> Callable[[Workload, bool], list[str]]:
    """Return a function from a workload to the codes of the rules that report it: of the enabled rules, or of all rules."""
    enabled = EnabledRules.of(hierarchy, project)

    def codes(workload: Workload, everything: bool) -> list[str]:
        found = check_rules(Program((workload,)), (lambda code, path: True) if everything else enabled)
        return [each.rule.code for each in found]

    return codes


def check_rules(program: Program, enabled: Enabled) -> list[Finding]:
    """Return the findings of the enabled rules. Of several rules of `PRECEDENCE` about one call, the first reports it."""
    found = [each for rule in RULES for each in rule.check(program, rule.info) if enabled(rule.code, each.location.path)]
    best: dict[Location, Finding] = {}
    others: list[Finding] = []
    for finding in found:
        if finding.rule.code not in PRECEDENCE:
            others.append(finding)
            continue
        known = best.get(finding.location)
        if known is None or PRECEDENCE.index(finding.rule.code) < PRECEDENCE.index(known.rule.code):
            best[finding.location] = finding
    return [replace(each, trace=shortened(each.trace)) if len(each.trace) > LONGEST_TRACE else each for each in (*best.values(), *others)]


def with_configured_severity(finding: Finding, hierarchy: Hierarchy, project: Project) -> Finding:
    """Return a finding with the severity that the settings assign to its rule."""
    file = project.shown_as(finding.location.path)
    severity = None if file is None else hierarchy.at(file.path).severity_of(finding.rule.code)
    return finding if severity is None else replace(finding, rule=replace(finding.rule, severity=severity))
