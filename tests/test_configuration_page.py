"""What is published about the settings is made from the dataclass: the table of the page, the JSON Schema. `--update` makes them anew."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import doors
import jsonschema  # type: ignore[import-untyped]
import pytest

from surfacelint.config import Config, ConfigError, Setting, layer, parse_toml, settings
from surfacelint.facts.comment_directives import DEADLINE_FORM, FACTS, VOLUME_FORM

PAGE = doors.REPOSITORY / "docs" / "configuration.md"
SCHEMA = doors.REPOSITORY / "surfacelint" / "surfacelint.schema.json"

_SECTION = re.compile(r"<!-- settings -->\n(.*?)<!-- end -->", re.DOTALL)
_CODE = {"type": "string", "pattern": "^(ALL|SRF[0-9]{0,3})$"}
_FACTS = {
    "type": "object",
    "properties": {
        "volume": {"type": "string", "description": VOLUME_FORM},
        "deadline": {"type": "string", "description": DEADLINE_FORM},
        **{word: {"type": "boolean"} for word in FACTS if word not in ("volume", "deadline")},
    },
    "additionalProperties": False,
}
_SHAPES: dict[str, Callable[[Setting], dict[str, Any]]] = {
    "codes": lambda _: {"type": "array", "items": _CODE},
    "patterns": lambda _: {"type": "array", "items": {"type": "string"}},
    "codes by pattern": lambda _: {"type": "object", "additionalProperties": {"type": "array", "items": _CODE}},
    "choice by code": lambda setting: {
        "type": "object",
        "patternProperties": {_CODE["pattern"]: {"enum": list(setting.choices)}},
        "additionalProperties": False,
    },
    "integer": lambda _: {"type": "integer", "minimum": 0},
    "switch": lambda _: {"type": "boolean"},
    "choice": lambda setting: {"enum": list(setting.choices)},
    "workloads": lambda _: {"type": "object", "propertyNames": {"pattern": "^[^:]+:[^:]+$"}, "additionalProperties": _FACTS},
    "path": lambda _: {"type": "string"},
    "module": lambda _: {"type": "string", "pattern": "^[^\\W\\d]\\w*([.][^\\W\\d]\\w*)*$"},
    "catalogue": lambda _: {"type": "object"},
}


def table() -> str:
    defaults = Config()
    marks = {True: r" \*", False: ""}
    rows = [
        f"| `{each.key}`{marks[each.whole_run]} | {default(each, getattr(defaults, name))} | {each.help} |"
        for name, each in settings().items()
    ]
    return "\n".join(("| key | default | meaning |", "|---|---|---|", *rows))


def default(setting: Setting, value: object) -> str:
    """Return a default value as TOML has it, or in words where there is no value for it."""
    match setting.shape:
        case "codes" if value is None:
            return "the rules that are on"
        case "codes by pattern" | "choice by code" | "workloads":
            return "`{}`"
        case "catalogue":
            return "empty"
        case "path":
            return "none"
        case "switch":
            return f"`{str(value).lower()}`"
    return f"`{json.dumps(value)}`"


def schema() -> str:
    """Return the JSON Schema of `surfacelint.toml`, and of `[tool.surfacelint]`."""
    defaults = Config()
    properties: dict[str, Any] = {"$schema": {"type": "string"}}
    for name, setting in settings().items():
        value = getattr(defaults, name)
        known = (
            {"default": value}
            if isinstance(value, int | str | tuple) and setting.shape not in ("path", "codes by pattern", "workloads")
            else {}
        )
        properties[setting.key] = {"description": setting.help, **_SHAPES[setting.shape](setting), **known}
    document = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "surfacelint",
        "description": "Settings of surfacelint: surfacelint.toml, or [tool.surfacelint] in pyproject.toml.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    return json.dumps(document, indent=2) + "\n"


def test_the_table_is_that_of_the_dataclass(update: bool) -> None:
    text = PAGE.read_text(encoding="utf-8")
    if update:
        PAGE.write_text(_SECTION.sub(lambda _: f"<!-- settings -->\n{table()}\n<!-- end -->", text), encoding="utf-8")
        return
    assert _SECTION.findall(text) == [f"{table()}\n"]


def test_the_schema_is_that_of_the_dataclass(update: bool) -> None:
    if update:
        SCHEMA.write_text(schema(), encoding="utf-8")
        return
    assert SCHEMA.read_text(encoding="utf-8") == schema()


@pytest.mark.parametrize(
    "text",
    [
        'min-items = 3\nselect = ["SRF1", "ALL"]\nper-file-ignores = { "a/*" = ["SRF101"] }\nseverity = { SRF1 = "error" }\n',
        'extend = "../base.toml"\nfail-on = "error"\ncheck-tests = true\ninclude = ["*.py"]\n',
        '"$schema" = "x.json"\n[[catalogue.provider]]\nname = "acme"\ntitle = "Acme"\nrole = "gateway"\nimports = ["acme"]\n',
        '[workloads."a.b:c"]\nvolume = "200/day"\none-off = true\n',
        '[workloads."a.b"]\none-off = true\n',
        '[workloads."a.b:c"]\nvolumes = "200/day"\n',
        '[workloads."a.b:c"]\none-off = 1\n',
        "min-items = -1\n",
        "min-item = 3\n",
        'select = "SRF1"\n',
        "check-tests = 1\n",
        'output-format = "xml"\n',
        'severity = { SRF1 = "grave" }\n',
        "exclude = [1]\n",
        'per-file-ignores = { "a" = "SRF1" }\n',
    ],
)
def test_the_schema_says_what_the_reader_says(text: str) -> None:
    values = parse_toml(text, "x.toml")
    problems = list(jsonschema.Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).iter_errors(values))
    try:
        layer(values, "x.toml")
    except ConfigError:
        assert problems
    else:
        assert not problems


def test_the_example_is_read(tmp_path: Path) -> None:
    example = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "surfacelint.toml").write_text("min-items = 300\n", encoding="utf-8")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "pyproject.toml").write_text(example, encoding="utf-8")
    (tmp_path / "shop" / "job.py").write_text("", encoding="utf-8")
    done = doors.surfacelint(tmp_path, "check", "--verbose", "shop")
    assert (done.returncode, "warning" in done.stderr, "error" in done.stderr) == (0, False, False)
