"""The snippets of `docs/editors.md` can be read, and the settings that pages and the extension list are those of the server."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import doors
import lupa
import pages
import tree_sitter
import tree_sitter_rust

from surfacelint.server.client_settings import SECTION, ClientSettings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PAGE = (doors.REPOSITORY / "docs" / "editors.md").read_text(encoding="utf-8")
EXTENSION = doors.REPOSITORY / "editors" / "vscode"
PACKAGE: dict[str, Any] = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
NEOVIM = """
vim = { lsp = {} }
function vim.lsp.config(name, given) configs = { [name] = given } end
function vim.lsp.enable(name) enabled = name end
"""
OF_THE_EXTENSION = {"enable", "path", "trace.server"}


def blocks(language: str) -> list[str]:
    return pages.texts("docs/editors.md", language)


def test_snippets_pass_settings_that_the_server_reads() -> None:
    helix, extension, cargo = map(tomllib.loads, blocks("toml"))
    assert helix["language-server"]["surfacelint"]["args"] == ["server"]
    ClientSettings.read(helix["language-server"]["surfacelint"]["config"][SECTION])
    assert extension["language_servers"]["surfacelint"]["languages"] == ["Python"]
    assert cargo["lib"]["crate-type"] == ["cdylib"]
    (zed,) = map(json.loads, blocks("json"))
    ClientSettings.read(zed["lsp"]["surfacelint"]["settings"])


def test_neovim_starts_the_server() -> None:
    lua = lupa.LuaRuntime(unpack_returned_tuples=False)
    lua.execute(NEOVIM)
    [script] = blocks("lua")
    lua.execute(script)
    started: Any = lua.eval("configs[enabled]")
    assert list(started.cmd.values()) == ["surfacelint", "server"]
    ClientSettings.read(dict(started.settings[SECTION]))


def test_the_extension_of_zed_is_rust() -> None:
    [program] = blocks("rust")
    rust = tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language()))
    assert not rust.parse(program.encode()).root_node.has_error
    assert rust.parse(program.replace("fn new(", "fn new").encode()).root_node.has_error


def test_settings_of_the_page_and_the_extension_are_those_of_the_server() -> None:
    listed = dict(re.findall(r"^\| `(\w+)` \| `(.+?)` \|", PAGE, re.MULTILINE))
    defaults = {key: json.loads(value) for key, value in listed.items()}
    assert ClientSettings.read(defaults) == ClientSettings()
    properties = PACKAGE["contributes"]["configuration"]["properties"]
    extended = {key.removeprefix(f"{SECTION}."): value["default"] for key, value in properties.items()}
    assert extended.keys() == defaults.keys() | OF_THE_EXTENSION
    assert {key: extended[key] for key in defaults} == defaults
    assert ClientSettings.read({**defaults, "enable": True, "path": [], "trace": {"server": "off"}}) == ClientSettings()
    described = re.findall(r"^\| `surfacelint\.([\w.]+)` \|", (EXTENSION / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(described) == extended.keys()


def test_the_lock_file_names_no_other_registry() -> None:
    lock = json.loads((EXTENSION / "package-lock.json").read_text(encoding="utf-8"))
    addresses = {package.get("resolved", "") for package in lock["packages"].values()}
    assert all(not address or address.startswith("https://registry.npmjs.org/") for address in addresses)
    assert lock["packages"][""]["dependencies"] == PACKAGE["dependencies"]


def test_without_the_extra_the_command_says_what_to_install() -> None:
    program = "import sys; sys.modules['pygls'] = None; sys.argv = ['surfacelint', 'server']; from surfacelint.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "error: the language server needs more packages: run `pip install 'surfacelint[server]'`\n"
