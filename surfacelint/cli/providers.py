"""`surfacelint providers`: the providers of the catalogue, as a table, a page or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from surfacelint.cli.console import output

if TYPE_CHECKING:
    from surfacelint.catalogue.index import Catalogue
    from surfacelint.catalogue.provider_rows import BatchApi, Provider

_TITLES = ("provider", "realtime", "batch API", "discount", "window", "requests", "tiers")
_WIDEST = (20, 8, 22, 9, 12, 8, 9)
"""Titles of the table, and the greatest width of each column: with the gaps, a line has at most 100 columns."""

_LONG = 90


def _complete(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    from surfacelint.catalogue.index import Catalogue
    from surfacelint.config import discover

    return sorted(name for name in Catalogue.load(discover([]).catalogue).providers if name.startswith(typed))


@click.command()
@click.argument("name", required=False, shell_complete=_complete)
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", help="Output format.  [default: text]")
def providers(name: str | None, output_format: str) -> None:
    """List known providers and their batch APIs, or show all details of one."""
    from surfacelint.catalogue.index import Catalogue
    from surfacelint.config import ConfigError, discover
    from surfacelint.system.did_you_mean import suggestion

    catalogue = Catalogue.load(discover([]).catalogue)
    known = sorted(catalogue.providers.values(), key=lambda each: each.name)
    if name is not None and name not in catalogue.providers:
        every = "run `surfacelint providers` to list all providers"
        raise ConfigError(f"unknown provider {name!r}; {suggestion(name, list(catalogue.providers), every)}")
    chosen = known if name is None else [catalogue.providers[name]]
    if output_format == "json":
        import json

        output(json.dumps([_facts(each, catalogue) for each in chosen], indent=2, ensure_ascii=False) + "\n")
    elif name is None:
        output(_table([_row(each, catalogue) for each in known]))
    else:
        output(_page(_facts(chosen[0], catalogue)))


def _realtime(provider: Provider) -> list[str]:
    return sorted({each.path for each in provider.endpoints if each.surface == "realtime"})


def _tiers(provider: Provider, catalogue: Catalogue) -> list[str]:
    return [f"{tier.keyword}={tier.value}" for tier in catalogue.tiers(provider.name)]


def _discount(api: BatchApi | None) -> str:
    return "" if api is None else api.discount_note if api.discount is None else f"{api.discount:.0%}"


def _row(provider: Provider, catalogue: Catalogue) -> tuple[str, ...]:
    api = provider.batch
    return (
        provider.name,
        str(len(_realtime(provider))),
        "none" if api is None else api.title,
        _discount(api),
        "" if api is None else api.window,
        f"{api.max_requests:,}" if api is not None and api.max_requests else "",
        ", ".join(dict.fromkeys(tier.value for tier in catalogue.tiers(provider.name))),
    )


def _table(rows: list[tuple[str, ...]]) -> str:
    """Return the rows as a table with titles. Long cells are cut; `surfacelint providers NAME` shows them in full."""
    cut = [tuple(_cut(text, width) for text, width in zip(row, _WIDEST, strict=True)) for row in (_TITLES, *rows)]
    widths = [max(len(row[column]) for row in cut) for column in range(len(_TITLES))]
    lines = ("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in cut)
    return "".join(f"{line}\n" for line in lines)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _facts(provider: Provider, catalogue: Catalogue) -> dict[str, Any]:
    """Return the details of a provider, with the keys of the catalogue."""
    from dataclasses import asdict

    batch = {} if provider.batch is None else asdict(provider.batch)
    return {
        "name": provider.name,
        "title": provider.title,
        "role": provider.role,
        "imports": list(provider.imports),
        "as-of": provider.as_of,
        "batch": {key.replace("_", "-"): value for key, value in batch.items() if value not in ("", (), None, False)} or None,
        "tiers": _tiers(provider, catalogue),
        "takes-list": sorted({each.path for each in provider.endpoints if each.takes_list}),
        "pseudo-batch": sorted({each.path for each in provider.endpoints if each.surface == "pseudo-batch"}),
        "realtime": _realtime(provider),
    }


def _page(facts: dict[str, Any]) -> str:
    lines = [f"{facts['title']} ({facts['name']}), {facts['role']}"]
    for key, value in facts.items():
        if key in ("name", "title", "role") or not value:
            continue
        if isinstance(value, dict):
            lines += [f"{key}:", *(f"  {part}: {_text(each)}" for part, each in value.items())]
        elif isinstance(value, list) and len(_text(value)) > _LONG:
            lines += [f"{key}:", *(f"  {each}" for each in value)]
        else:
            lines.append(f"{key}: {_text(value)}")
    return "\n".join(lines) + "\n"


def _text(value: object) -> str:
    match value:
        case list() | tuple():
            return ", ".join(map(str, value))
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case _:
            return str(value)
