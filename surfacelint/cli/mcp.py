"""`surfacelint mcp`: serves a project to coding agents over the Model Context Protocol."""

from __future__ import annotations

import os
from contextlib import suppress

import click

from surfacelint.cli.console import Failure


@click.command()
@click.argument("folder", default=".", type=click.Path(), metavar="[FOLDER]")
def mcp(folder: str) -> None:
    """Serve a project to coding agents over the Model Context Protocol (MCP), on standard input and output.

    FOLDER is the folder of the project, by default the current directory. The tools check, explain and fix code inside the project,
    and write nothing: fixes are shown as a diff. Needs the extra `mcp`.
    """
    try:
        os.chdir(folder)
    except (OSError, ValueError) as error:
        raise Failure(f"{folder}: cannot be served: {getattr(error, 'strerror', None) or error}; name the folder of a project") from None
    try:
        from surfacelint.mcp_server.served_project import RefusedError, ServedProject
        from surfacelint.mcp_server.server import serve
    except ImportError as error:
        raise Failure(f"`surfacelint mcp` needs the extra `mcp`: pip install 'surfacelint[mcp]' ({error})") from None
    try:
        project = ServedProject.here()
    except RefusedError as error:
        raise Failure(str(error)) from None
    with suppress(KeyboardInterrupt):
        serve(project)
