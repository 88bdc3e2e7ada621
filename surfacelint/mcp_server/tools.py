"""The tools: what each is called, its arguments and results, and how it is answered. None of them writes anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from surfacelint.fixing.fix_rounds import FixRounds
from surfacelint.fixing.unified_diffs import unified_diff
from surfacelint.fixing.working_copy import WorkingCopy
from surfacelint.mcp_server.arguments import Arguments, CheckArguments, ExplainArguments, FixArguments, RuleArguments
from surfacelint.mcp_server.results import (
    CheckResult,
    ExplainResult,
    FixResult,
    RuleResult,
    RuleSummary,
    finding_result,
    first,
    fitting,
    notes,
    text_lines,
)
from surfacelint.mcp_server.served_project import RefusedError, Scope, ServedProject, unread_warnings
from surfacelint.model.findings import Report
from surfacelint.pipeline import engine
from surfacelint.reporters.totals import summary
from surfacelint.rules import RULES, Rule, find
from surfacelint.suppressions.matching import NOT_CHECKED
from surfacelint.system.printable_text import unicode
from surfacelint.system.records import record

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
    scope = project.scope(arguments.paths, arguments.select)
    report = _checked(scope)
    findings = [finding_result(each) for each in report.findings]
    shown = first(findings, arguments.limit)
    return CheckResult(
        summary=summary(report),
        findings=shown,
        more=len(findings) - len(shown),
        complete=report.complete,
        errors=notes(report.errors),
        warnings=notes((*report.warnings, *unread_warnings(scope.unread))),
    )


def explain(project: ServedProject, arguments: ExplainArguments) -> ExplainResult:
    """Return why each call on a line is or is not reported."""
    scope = project.scope([arguments.path])
    try:
        text = engine.explain(scope.paths[0], arguments.line, scope.config, arguments.cell)
    except ValueError as error:
        raise RefusedError(str(error)) from None
    return ExplainResult(text=text_lines(unicode(text)))


def rule(_project: ServedProject, arguments: RuleArguments) -> RuleResult:
    """Return all rules, or one with its page."""
    if arguments.code is None:
        return RuleResult(rules=[_summary(each) for each in RULES], page=None)
    found = find(arguments.code, RULES)
    return RuleResult(rules=[_summary(found)], page=found.info.page.strip())


def fix(project: ServedProject, arguments: FixArguments) -> FixResult:
    """Return what fixes would change."""
    scope = project.scope(arguments.paths, arguments.select)
    report = _checked(scope)
    asked = frozenset(engine.files(scope.paths, scope.config)[0])
    copy = WorkingCopy(scope.config.root)
    fixed = FixRounds(copy, partial(_analyse, scope), lambda: asked, arguments.unsafe).apply(report)
    parts = {change.path: unicode(unified_diff([change])) for change in copy.changes()}
    shown = fitting(parts)
    unchecked = [f"{each.location.path}: {each.message}" for each in report.findings if each.rule.code == NOT_CHECKED]
    return FixResult(
        diff="".join(parts[path] for path in shown),
        files=[unicode(path) for path in shown],
        left_out=notes(unicode(path) for path in parts if path not in shown),
        fixed=len(fixed.findings),
        complete=report.complete and not copy.problems,
        errors=notes((*report.errors, *unchecked, *copy.problems.values())),
    )


def _checked(scope: Scope) -> Report:
    """Return the report on a scope. Raises RefusedError if no file was found."""
    report = engine.run(scope.paths, scope.config)
    if not report.files_checked:
        raise RefusedError("; ".join(notes(report.errors)) or "the settings exclude these files")
    return report


def _analyse(scope: Scope, also: Sequence[Path], texts: Mapping[Path, str], *, fixes: bool) -> Report:
    return engine.run([*scope.paths, *map(str, also)], scope.config, given=texts, fixes=fixes)


def _summary(each: Rule) -> RuleSummary:
    info = each.info
    return RuleSummary(code=info.code, name=info.name, severity=info.severity.value, default=info.default, summary=info.summary)


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
