"""`surfacelint server`: the language server for editors."""

from __future__ import annotations

import click

from surfacelint.cli.console import Failure


@click.command()
@click.option("--stdio", is_flag=True, help="Use standard input and output, as always. Some editors pass this option.")
def server(stdio: bool) -> None:
    """Serve editors over the Language Server Protocol, on standard input and output.

    Editors start this command. See docs/editors.md.
    """
    try:
        from surfacelint.server.language_server import serve
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise Failure("the language server needs more packages: run `pip install 'surfacelint[server]'`") from None
    serve()
