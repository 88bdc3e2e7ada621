"""Rules: one module per rule. The name of the module is the name of the rule, and its docstring is the page of the rule."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from surfacelint.config import EVERYTHING, Config, ConfigError, Selection, covers
from surfacelint.model.findings import Finding, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.suppressions.matching import NOT_CHECKED as NOT_CHECKED
from surfacelint.system.did_you_mean import close, suggestion
from surfacelint.system.records import record
from surfacelint.system.version import rule_page

Check: TypeAlias = Callable[[Program, RuleInfo], Iterator[Finding]]


@record(frozen=True, slots=True)
class Rule:
    """A rule: its code, severity, and `check`, which yields findings. `default` states whether it is on without a selection."""

    code: str
    severity: Severity
    check: Check
    default: bool = True

    @property
    def name(self) -> str:
        """Name of the module that defines `check`, with dashes."""
        return self.check.__module__.rpartition(".")[2].replace("_", "-")

    @property
    def info(self) -> RuleInfo:
        """Description of the rule for findings and the command line."""
        page = sys.modules[self.check.__module__].__doc__ or ""
        return RuleInfo(code=self.code, name=self.name, severity=self.severity, default=self.default, page=page, url=rule_page(self.name))


def load() -> tuple[Rule, ...]:
    """Import all modules of this package and return their rules, sorted by code. Raises TypeError for a module without a valid rule."""
    rules: dict[str, Rule] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name.startswith("_"):
            continue
        rule = importlib.import_module(f"{__name__}.{module.name}").RULE
        if not isinstance(rule, Rule) or rule.name != module.name.replace("_", "-") or rule.code in rules:
            raise TypeError(f"rules/{module.name}.py: RULE must be a Rule with a code of its own and a check of that module")
        rules[rule.code] = rule
    return tuple(rules[code] for code in sorted(rules))


def selected(rules: Sequence[Rule], config: Config) -> tuple[Rule, ...]:
    """Return the rules that the configuration enables. SRF901 is always enabled.

    As in ruff, each layer of the configuration changes the selection of the layers below. Within a layer, the most
    specific selector wins, and `ignore` wins a tie. Raises `ConfigError` if an enabling selector matches no rule.
    """
    enabled = {rule.code for rule in rules if rule.default}
    for selection in config.selections:
        for selector, where in selection.selected():
            if not _matches_any(selector, rules):
                raise ConfigError(f"{where}: unknown rule {selector!r} is selected; {_suggest(selector, rules)}")
        base = enabled if selection.select is None else set()
        enabled = {rule.code for rule in rules if _enabled(rule.code, selection, rule.code in base)}
    return tuple(rule for rule in rules if rule.code in enabled or rule.code == NOT_CHECKED)


NOT_IGNORED = f"{NOT_CHECKED} cannot be ignored, because code that is not checked must not look clean; exclude the file, or repair it"
"""Why nothing but `exclude` silences a file that could not be checked."""


def unignorable(config: Config) -> tuple[str, ...]:
    """Return a warning for each setting that ignores SRF901 by its whole code."""
    return tuple(f"{where}: {NOT_IGNORED}" for selector, where in dict.fromkeys(_ignored(config)) if selector == NOT_CHECKED)


def _ignored(config: Config) -> Iterator[tuple[str, str]]:
    """Yield each selector in `ignore` and `per-file-ignores`, with its place."""
    for selection in config.selections:
        yield from selection.ignored()
    for pattern, selectors in config.per_file_ignores:
        yield from ((selector, f"{_origin(config, 'per_file_ignores', selector)}: {pattern!r}") for selector in selectors)


def unknown_ignores(rules: Sequence[Rule], config: Config) -> tuple[str, ...]:
    """Return a warning for each selector in `ignore`, `severity` and `per-file-ignores` that matches no rule."""
    ignored = [*_ignored(config), *((selector, _origin(config, "severity", selector)) for selector, _ in config.severity)]
    return tuple(
        f"{where}: unknown rule {selector!r} is ignored; {_suggest(selector, rules)}"
        for selector, where in dict.fromkeys(ignored)
        if not _matches_any(selector, rules)
    )


def _origin(config: Config, name: str, word: str) -> str:
    layer = config.origin(name)
    return "" if layer is None else layer.place(name, word)


def find(word: str, rules: Sequence[Rule]) -> Rule:
    """Return the rule with this code or name. Raises `ConfigError` if there is none."""
    for rule in rules:
        if word.casefold() in (rule.code.casefold(), rule.name):
            return rule
    matching = [rule.code for rule in rules if rule.code.startswith(word.upper())]
    if matching:
        raise ConfigError(f"unknown rule {word!r}; rules with this prefix: {', '.join(matching)}")
    known = [each for rule in rules for each in (rule.code, rule.name)]
    raise ConfigError(f"unknown rule {word!r}; {suggestion(word, known, 'run `surfacelint rule` to list all rules')}")


def _enabled(code: str, selection: Selection, base: bool) -> bool:
    chosen = _specificity(code, (*(selection.select or ()), *selection.extend_select))
    dropped = _specificity(code, (*selection.ignore, *selection.extend_ignore))
    return base if chosen == dropped == -1 else chosen > dropped


def _specificity(code: str, selectors: Iterable[str]) -> int:
    """Return the length of the most specific selector that matches the code, 0 for the selector of all rules, or -1 without a match."""
    return max((0 if selector == EVERYTHING else len(selector) for selector in selectors if covers(selector, code)), default=-1)


def _matches_any(selector: str, rules: Iterable[Rule]) -> bool:
    return any(covers(selector, rule.code) for rule in rules)


def _suggest(selector: str, rules: Sequence[Rule]) -> str:
    named = next((rule.code for rule in rules if rule.name == close(selector, [each.name for each in rules])), None)
    return suggestion(selector, [rule.code for rule in rules], f"did you mean {named!r}?" if named else "")


RULES = load()
