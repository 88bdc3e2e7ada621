"""`surfacelint rule`: the page of a rule, or a list of all rules."""

from __future__ import annotations

import click

from surfacelint.cli.console import output


def _complete(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    from surfacelint.rules import RULES

    return [word for rule in RULES for word in (rule.code, rule.name) if word.casefold().startswith(typed.casefold())]


@click.command()
@click.argument("code", required=False, shell_complete=_complete)
def rule(code: str | None) -> None:
    """Explain a rule by code or name, or list all rules."""
    from surfacelint.rules import RULES, find

    if code is not None:
        info = find(code, RULES).info
        output(f"# {info.name} ({info.code})\n\n{info.page.strip()}\n")
        return
    width = max(len(each.name) for each in RULES)
    rows = (f"{each.code}  {'on ' if each.default else 'off'}  {each.name:{width}}  {each.info.summary}\n" for each in RULES)
    output("".join(rows))
