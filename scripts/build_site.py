"""Builds the documentation site with Zensical from the Markdown files of the repository. A broken link is an error.

    python scripts/build_site.py build/site

The site needs no server and loads nothing from elsewhere: open `index.html`. Rule pages have the addresses that findings link to.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from string import Template

from surfacelint.rules import RULES
from surfacelint.system.version import HOMEPAGE, REPOSITORY, __version__

ROOT = Path(__file__).parents[1]
PARTS = Path(__file__).parent / "site"

OUTSIDE = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md", "SECURITY.md": "security.md"}
"""Pages that are not in `docs`, and their names on the site."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CODE = re.compile(r"(^ *```.*?^ *```$|`[^`\n]*`)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<=\]\()([^)\s:#]+)(?=[#)])")


def build(target: Path) -> None:
    """Build the site in a folder, which it replaces. Raises `SystemExit` with what is wrong if there is anything wrong with a page."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        write_sources(project)
        generate(project)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(project / "site", target)


def generate(project: Path) -> None:
    """Let Zensical read a folder with sources and write the site to `site` in it. Raises `SystemExit` with what it prints if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=project,
        env={**os.environ, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise SystemExit(_COLOUR.sub("", done.stdout.partition("Traceback")[0]))


def write_sources(project: Path) -> None:
    """Write the pages and the configuration that Zensical reads to a folder."""
    pages = project / "pages"
    shutil.copytree(PARTS / "assets", pages / "assets")
    names = {path.relative_to(ROOT).as_posix(): path for path in sorted((ROOT / "docs").rglob("*")) if path.is_file()}
    names |= {name: ROOT / name for name in OUTSIDE}
    for name, path in names.items():
        place = pages / on_site(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            place.write_text(page(path.read_text(encoding="utf-8"), name, names), encoding="utf-8")
        else:
            shutil.copyfile(path, place)
    (project / "zensical.toml").write_text(configuration(), encoding="utf-8")


def on_site(name: str) -> str:
    """Return where a file of the repository is on the site. The page of a folder is its README."""
    inside = OUTSIDE.get(name) or name.removeprefix("docs/")
    return str(PurePosixPath(inside).with_name("index.md")) if inside.endswith("README.md") else inside


def page(text: str, name: str, names: Iterable[str]) -> str:
    """Return a page with the links as they are on the site: what is not on the site is in the repository."""

    def moved(link: re.Match[str]) -> str:
        parts = [*PurePosixPath(name).parent.parts, *PurePosixPath(link[1]).parts]
        while ".." in parts:
            del parts[(up := parts.index("..")) - 1 : up + 1]
        there = "/".join(parts)
        if there not in names:
            return f"{REPOSITORY}/blob/main/{there}"
        depth = len(PurePosixPath(on_site(name)).parts) - 1
        return "../" * depth + on_site(there)

    pieces = _CODE.split(text)
    return "".join(piece if number % 2 else _LINK.sub(moved, piece) for number, piece in enumerate(pieces))


def configuration() -> str:
    """Return the configuration of Zensical, with the navigation."""
    rules = [{"All rules": "rules/index.md"}, *({f"{rule.code} {rule.name}": f"rules/{rule.name}.md"} for rule in RULES)]
    listed = (ROOT / "docs" / "providers" / "README.md").read_text(encoding="utf-8")
    providers: list[dict[str, object]] = [{"All providers": "providers/index.md"}]
    for heading, section in re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", listed, re.MULTILINE):
        found = re.findall(r"^\| \[(.+)\]\((.+\.md)\)", section, re.MULTILINE)
        providers.append({heading: [{title: f"providers/{file}"} for title, file in found]})
    facts = {"homepage": HOMEPAGE, "repository": REPOSITORY, "version": __version__}
    navigation = {"rules": ", ".join(map(_inline, rules)), "providers": ", ".join(map(_inline, providers))}
    return Template((PARTS / "zensical.toml").read_text(encoding="utf-8")).substitute(facts, **navigation)


def _inline(value: object) -> str:
    """Return a value of the navigation as TOML."""
    match value:
        case dict():
            return f"{{ {', '.join(f'{json.dumps(key)} = {_inline(each)}' for key, each in value.items())} }}"
        case list():
            return f"[{', '.join(map(_inline, value))}]"
    return json.dumps(value)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Build the documentation site.")
    parser.add_argument("target", type=Path, help="the folder for the site; it is replaced")
    build(parser.parse_args().target)
