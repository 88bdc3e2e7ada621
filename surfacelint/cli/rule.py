"""`surfacelint rule`: the page of a rule, or a list of all rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from surfacelint.cli.console import output

if TYPE_CHECKING:
    from surfacelint.rules import Rule


def _complete(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    from surfacelint.rules import RULES

    return [word for rule in RULES for word in (rule.code, rule.name) if word.casefold().startswith(typed.casefold())]


@click.command()
@click.argument("code", required=False, shell_complete=_complete)
@click.option("--all", "every", is_flag=True, help="Show the pages of all rules.")
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", help="Output format.  [default: text]")
def rule(code: str | None, every: bool, output_format: str) -> None:
    """Explain a rule by code or name, or list all rules."""
    from surfacelint.rules import RULES, find

    if code is not None and every:
        raise click.UsageError("--all shows all rules: leave out the code, or --all")
    chosen = RULES if code is None else (find(code, RULES),)
    if output_format == "json":
        import json

        objects = [_as_json(each) for each in chosen]
        output(json.dumps(objects if code is None else objects[0], indent=2, ensure_ascii=False) + "\n")
    elif code is not None or every:
        output("\n".join(f"# {each.info.name} ({each.code})\n\n{each.info.page.strip()}\n" for each in chosen))
    else:
        width = max(len(each.name) for each in RULES)
        rows = (f"{each.code}  {'on ' if each.default else 'off'}  {each.name:{width}}  {each.info.summary}\n" for each in RULES)
        output("".join(rows))


def _as_json(rule: Rule) -> dict[str, object]:
    """Return a rule with the keys of ruff, as far as they apply."""
    info = rule.info
    return {
        "code": info.code,
        "name": info.name,
        "summary": info.summary,
        "severity": info.severity.value,
        "default": info.default,
        "explanation": info.page.strip(),
        "url": info.url,
    }
