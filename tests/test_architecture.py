"""The pages for contributors: the modules and types that they name exist, and the layers are those that CI enforces."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re

import doors
import pytest

import surfacelint

PAGES = {
    name: (doors.REPOSITORY / name).read_text(encoding="utf-8") for name in ("docs/architecture.md", "docs/glossary.md", "CONTRIBUTING.md")
}
PAGE = PAGES["docs/architecture.md"]
MODULES = {module.name for module in pkgutil.iter_modules(surfacelint.__path__)}
NAMES = sorted({name for page in PAGES.values() for name in re.findall(r"`(\w+(?:\.\w+)*)`", page) if name.partition(".")[0] in MODULES})


def layers(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


@pytest.mark.parametrize("name", NAMES)
def test_names_are_real(name: str) -> None:
    found: object = surfacelint
    path = "surfacelint"
    for part in name.split("."):
        path = f"{path}.{part}"
        # A function may have the name of a module beside it.
        is_module = hasattr(found, "__path__") and importlib.util.find_spec(path) is not None
        found = importlib.import_module(path) if is_module else getattr(found, part)


def test_layers_are_those_that_are_enforced() -> None:
    contract = (doors.REPOSITORY / ".importlinter").read_text(encoding="utf-8")
    (enforced,) = re.findall(r"^containers = surfacelint\nexhaustive = True\nlayers =\n((?: .*\n)+)", contract, re.MULTILINE)
    (described,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert layers(described) == layers(enforced)
