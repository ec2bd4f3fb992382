"""The REST API: the desk over HTTP, on this machine only unless a token guards it."""

from __future__ import annotations

from typing import Annotated

import typer

from riskplatform.cli.options import HERE, DeskFolder, open_desk
from riskplatform.cli.output import note

app = typer.Typer(help="The desk over HTTP, as JSON.", no_args_is_help=True)


@app.command()
def start(
    desk: DeskFolder = HERE,
    host: Annotated[
        str,
        typer.Option(help="Address to listen on; any but this machine's own needs a token."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8600,
) -> None:
    """Serve the desk until stopped. The token is the setting api_token."""
    from riskplatform.api.serving import checked, start

    opened = open_desk(desk)
    checked(host, opened.settings.api_token)
    guard = "with a token" if opened.settings.api_token else "without a token"
    note(f"The desk {opened.settings.name!r} is on http://{host}:{port}, {guard}; see /docs.")
    start(opened, host=host, port=port)
