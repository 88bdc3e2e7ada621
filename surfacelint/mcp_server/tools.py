"""The tools: what each is called, its arguments and results, and how it is answered. None of them writes anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from surfacelint.fixing.fix_rounds import FixRounds
from surfacelint.fixing.unified_diffs import unified_diff
from surfacelint.fixing.working_copy import WorkingCopy
from surfacelint.mcp_server.arguments import (
    Arguments,
    CheckArguments,
    ExplainArguments,
    FixArguments,
    ReviewArguments,
    RuleArguments,
)
from surfacelint.mcp_server.results import (
    CheckResult,
    ExplainResult,
    FixResult,
    ReviewResult,
    RuleResult,
    RuleSummary,
    explained_result,
    finding_result,
    first,
    fitting,
    notes,
    workload_result,
)
from surfacelint.mcp_server.served_project import RefusedError, Scope, ServedProject, unread_warnings
from surfacelint.model.findings import Report
from surfacelint.pipeline import engine
from surfacelint.pipeline.merged_reports import merged
from surfacelint.reporters.totals import summary
from surfacelint.review import code_owners, reviewing, volume_file
from surfacelint.review.prices import price_list
from surfacelint.review.records import VERDICTS
from surfacelint.review.stated_volumes import OPTIONS, Stated
from surfacelint.rules import RULES, Rule, find
from surfacelint.suppressions.matching import NOT_CHECKED
from surfacelint.system.file_dependencies import Dependencies
from surfacelint.system.printable_text import unicode
from surfacelint.system.records import record
from surfacelint.system.timings import Timings

Answer = Callable[[ServedProject, Any], BaseModel]
"""Answers a call with the result of the tool. Raises RefusedError, and ConfigError for settings that cannot be used."""


@record(frozen=True, slots=True)
class Tool:
    """A tool. `description` is for the model that decides when to call it."""

    name: str
    title: str
    description: str
    arguments: type[Arguments]
    result: type[BaseModel]
    answer: Answer


def check(project: ServedProject, arguments: CheckArguments) -> CheckResult:
    """Return the findings in some paths."""
    scopes = project.scopes(arguments.paths, arguments.select)
    report = merged([engine.run(scope.paths, scope.config) for scope in scopes])
    _require_files(report)
    findings = [finding_result(each) for each in report.findings]
    shown = first(findings, arguments.limit)
    return CheckResult(
        summary=summary(report),
        findings=shown,
        more=len(findings) - len(shown),
        complete=report.complete,
        errors=notes(report.errors),
        warnings=notes((*report.warnings, *unread_warnings(scopes))),
    )


def review(project: ServedProject, arguments: ReviewArguments) -> ReviewResult:
    """Return all workloads in some paths, with verdicts and figures."""
    scopes = project.scopes(arguments.paths)
    for scope in scopes:
        for name in (volume_file.DEFAULT_NAME, *code_owners.PLACES):
            project.require(scope.config.root / name)
    prices = price_list()
    sources = reviewing.Sources(prices, Stated(OPTIONS))
    outcomes = [reviewing.review(scope.paths, scope.config, sources, Timings(), Dependencies()) for scope in scopes]
    problems = [each for outcome in outcomes for each in outcome.review.not_checked]
    rows = [(row, each) for each in outcomes for row in each.review.workloads]
    if problems and not rows and not any(each.path for each in problems):
        raise RefusedError("; ".join(notes(each.problem for each in problems)))
    rows.sort(key=lambda pair: VERDICTS.index(pair[0].verdict))
    shown = first([workload_result(row, each.review.currency, each.root) for row, each in rows], arguments.limit)
    return ReviewResult(
        workloads=shown,
        more=len(rows) - len(shown),
        verdicts=dict(Counter(row.verdict for row, _ in rows)),
        prices=prices.source,
        complete=not problems,
        errors=notes(f"{each.path}:{each.row}: {each.problem}" if each.path else each.problem for each in problems),
        warnings=notes((*(warning for each in outcomes for warning in each.warnings), *unread_warnings(scopes))),
    )


def explain(project: ServedProject, arguments: ExplainArguments) -> ExplainResult:
    """Return why each call on a line is or is not reported."""
    [scope] = project.scopes([arguments.path])
    try:
        found = engine.explained(scope.paths[0], arguments.line, scope.config, arguments.cell)
    except ValueError as error:
        raise RefusedError(str(error)) from None
    calls = [explained_result(each) for each in found.calls]
    shown = first(calls, len(calls))
    return ExplainResult(calls=shown, more=len(calls) - len(shown), note=unicode(found.note))


def rule(_project: ServedProject, arguments: RuleArguments) -> RuleResult:
    """Return all rules, or one with its page."""
    if arguments.code is None:
        return RuleResult(rules=[_summary(each) for each in RULES], page=None)
    found = find(arguments.code, RULES)
    return RuleResult(rules=[_summary(found)], page=found.info.page.strip())


def fix(project: ServedProject, arguments: FixArguments) -> FixResult:
    """Return what fixes would change."""
    scopes = project.scopes(arguments.paths, arguments.select)
    reports = [engine.run(scope.paths, scope.config) for scope in scopes]
    report = merged(reports)
    _require_files(report)
    parts: dict[str, str] = {}
    problems: list[str] = []
    fixed = 0
    for scope, before in zip(scopes, reports, strict=True):
        copy = WorkingCopy(scope.config.root)
        fixed += len(_rounds(scope, copy, arguments.unsafe).apply(before).findings)
        parts.update({change.path: unified_diff([change]).decode("utf-8", "backslashreplace") for change in copy.changes()})
        problems += copy.problems.values()
    shown = fitting(parts)
    unchecked = [f"{each.location.path}: {each.message}" for each in report.findings if each.rule.code == NOT_CHECKED]
    return FixResult(
        diff="".join(parts[path] for path in shown),
        files=[unicode(path) for path in shown],
        left_out=notes(unicode(path) for path in parts if path not in shown),
        fixed=fixed,
        complete=report.complete and not problems,
        errors=notes((*report.errors, *unchecked, *problems)),
    )


def _require_files(report: Report) -> None:
    """Raise RefusedError if no file was found."""
    if not report.files_checked:
        raise RefusedError("; ".join(notes(report.errors)) or "the settings exclude these files")


def _rounds(scope: Scope, copy: WorkingCopy, unsafe: bool) -> FixRounds:
    asked = frozenset(engine.files(scope.paths, scope.config)[0])
    return FixRounds(copy, partial(_analyse, scope), lambda: asked, unsafe)


def _analyse(scope: Scope, also: Sequence[Path], texts: Mapping[Path, str], *, fixes: bool) -> Report:
    return engine.run([*scope.paths, *map(str, also)], scope.config, given=texts, fixes=fixes)


def _summary(each: Rule) -> RuleSummary:
    info = each.info
    return RuleSummary(
        code=info.code, name=info.name, severity=info.severity.value, default=info.default, summary=info.summary, url=info.url
    )


TOOLS: tuple[Tool, ...] = (
    Tool(
        "check",
        "Check for LLM calls on the wrong surface",
        "Find LLM calls on the wrong surface in Python code: realtime calls in loops that a batch API does at half the price, batches "
        "where a user waits, progress bars over serial calls. Call it after you write or change code that calls an LLM. Each finding has "
        "its location, the trace to the request, and steps to remedy it.",
        CheckArguments,
        CheckResult,
        check,
    ),
    Tool(
        "review",
        "Review all LLM workloads",
        "List all LLM workloads, healthy ones included: how each repeats, whether a user waits, whether the items are independent, the "
        "volume, cost and time on each surface, and a verdict with its reason. Use it to plan what to move to a batch.",
        ReviewArguments,
        ReviewResult,
        review,
    ),
    Tool(
        "explain",
        "Explain a line",
        "Explain why each call on a line is or is not reported: what it resolves to, what repeats it, whether a user waits, the verdict.",
        ExplainArguments,
        ExplainResult,
        explain,
    ),
    Tool(
        "rule",
        "Describe rules",
        "Describe a rule: what it finds, bad and good code, and when to leave the code as it is. Without a code, list all rules.",
        RuleArguments,
        RuleResult,
        rule,
    ),
    Tool(
        "fix",
        "Show fixes as a diff",
        "Show as a unified diff what the fixes of findings would change. Nothing is changed: review the diff, then apply it yourself. "
        "Safe fixes only, unless `unsafe` is true. Moving a loop to a batch is unsafe, because answers then arrive hours later.",
        FixArguments,
        FixResult,
        fix,
    ),
)


def tool(name: str) -> Tool | None:
    """Return the tool with a name."""
    return next((each for each in TOOLS if each.name == name), None)
