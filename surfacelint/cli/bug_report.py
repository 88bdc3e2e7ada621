"""`surfacelint --bug-report`: what maintainers need to know, without code, paths or names of the project."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import click

from surfacelint.cli.console import CLEAN, INCOMPLETE, output, say, sentence

if TYPE_CHECKING:
    from surfacelint.config import Config, Layer, Setting

FORMATS = ("markdown", "json")

Row = tuple[str, "str | int | float"]

_NOTE = "It has no code, and no paths or names of the project."


def print_bug_report(context: click.Context, _option: click.Parameter, output_format: str | None) -> None:
    """Print the report on the project around the current directory, and exit. The callback of the option."""
    if output_format is None or context.resilient_parsing:
        return
    config, status = None, CLEAN
    try:
        config = _config()
    except Exception as error:  # the report says that there is a problem, and only stderr which
        say("error", sentence(error))
        status = INCOMPLETE
    sections = {title: tuple(_collected(rows)) for title, rows in _sections(config).items()}
    output(_json(sections) if output_format == "json" else _markdown(sections))
    context.exit(status)


def _config() -> Config:
    from surfacelint.cli.options import read_config

    return read_config(["."], (), False, {})


def _sections(config: Config | None) -> dict[str, Callable[[], Iterable[Row]]]:
    """Return what yields the rows of each section, by title."""
    from surfacelint.system import environment  # what it imports takes longer than the rest of the command line

    sections: dict[str, Callable[[], Iterable[Row]]] = {"versions": environment.versions, "system": environment.system}
    if config is None:
        return {**sections, "settings": lambda: [("error", "they cannot be read")]}
    return {
        **sections,
        "settings": lambda: _settings(config),
        "catalogue rows added": lambda: _catalogue(config),
        "cache": lambda: _cache(config),
        "last run": lambda: _last_run(config),
    }


def _collected(rows: Callable[[], Iterable[Row]]) -> Iterator[Row]:
    """Yield the rows of a section. An error ends the section and not the report, and its message may name files."""
    try:
        yield from rows()
    except Exception as error:
        yield "error", type(error).__name__


def _settings(config: Config) -> Iterator[Row]:
    from surfacelint.config import settings

    files = [layer for layer in config.layers if layer.file is not None]
    yield "files", ", ".join(map(_place, files)) or "none"
    for name, setting in settings().items():
        given = [layer for layer in config.layers if name in layer.values]
        if given:
            value = getattr(config, name) if setting.adds else given[-1].values[name]
            yield setting.key, f"{_shown(setting, value)} ({', '.join(map(_place, given))})"
    yield "all others", "default"


def _place(layer: Layer) -> str:
    """Return the name of a configuration file if it is one that surfacelint looks for; others may be names of the project."""
    from surfacelint.config import FILE_NAMES

    return layer.file.name if layer.file is not None and layer.file.name in FILE_NAMES else "another file"


def _shown(setting: Setting, value: object) -> str:
    """Return a value if it can only be a number, a choice or codes of rules; of other values, only how many there are."""
    match setting.shape, value:
        case "integer" | "switch" | "choice", _:
            return str(value)
        case "codes", tuple():
            return _codes(value)
        case "choice by code", tuple():
            return ", ".join(f"{_codes((code,))}: {choice}" for code, choice in value)
        case "codes by pattern", tuple():
            return ", ".join(f"a pattern: {_codes(codes)}" for _, codes in value)
        case _, tuple():
            return f"{len(value)} given"
    return "given"


def _codes(selectors: Iterable[str]) -> str:
    from surfacelint.config import EVERYTHING
    from surfacelint.rules import RULES

    known = {EVERYTHING, *(rule.code[:length] for rule in RULES for length in range(1, len(rule.code) + 1))}
    return " ".join(selector if selector in known else "(unknown)" for selector in selectors) or "none"


def _catalogue(config: Config) -> Iterator[Row]:
    from dataclasses import fields

    added = {each.metadata.get("key", each.name): getattr(config.catalogue, each.name) for each in fields(config.catalogue)}
    rows = [(name, len(part)) for name, part in added.items() if isinstance(part, tuple) and part]
    yield from rows or [("rows", 0)]


def _cache(config: Config) -> Iterator[Row]:
    from surfacelint.cache.contents import contents
    from surfacelint.cache.replay import VARIABLE
    from surfacelint.config import cache_folder

    folder = cache_folder(config)
    layer = config.origin("cache_dir") if config.cache_dir else None
    default = folder.parent == config.root and layer is None
    yield "used", str(config.cache)
    yield "place", "default" if default else VARIABLE if layer is None else _place(layer)
    found = contents(str(folder))
    yield "state", found.state
    yield from ((kind, f"{number}, {size / 1e6:.1f} MB") for kind, number, size in found.files)


def _last_run(config: Config) -> Iterator[Row]:
    from surfacelint.cache.last_run import last_run
    from surfacelint.config import cache_folder

    run = last_run(cache_folder(config), config.root)
    if run is None:
        yield "known", "no: run `surfacelint check` first, with the cache"
        return
    yield "ended", time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(run.ended))
    if run.failure:
        yield "failed with", run.failure
        yield "at", " > ".join(run.frames)
    yield from ((f"{name} (s)", seconds) for name, seconds in run.seconds)
    yield from run.counts
    yield from ((f"{code} findings", number) for code, number in run.findings)


def _markdown(sections: dict[str, tuple[Row, ...]]) -> str:
    parts = ["## surfacelint bug report", _NOTE]
    for title, rows in sections.items():
        parts += [f"### {title.capitalize()}", "\n".join(f"- {name}: {_span(value)}" for name, value in rows)]
    return "\n\n".join(parts) + "\n"


def _span(value: str | float) -> str:
    from surfacelint.system.printable_text import code_span

    return code_span(str(value))


def _json(sections: dict[str, tuple[Row, ...]]) -> str:
    import json

    return json.dumps({title: dict(rows) for title, rows in sections.items()}, indent=2) + "\n"
