"""The workbench: Streamlit pages over the desk, on this machine only unless told otherwise."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from riskplatform.cli.options import HERE, DeskFolder
from riskplatform.cli.output import note


def workbench(
    desk: DeskFolder = HERE,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501,
    address: Annotated[
        str, typer.Option(help="Address to listen on; there is no login, so keep it local.")
    ] = "127.0.0.1",
    headless: Annotated[
        bool, typer.Option("--headless", help="Do not open a browser page.")
    ] = False,
) -> None:
    """Open the workbench in the browser."""
    from riskplatform.desk import Desk
    from riskplatform.ui.launch import command

    opened = Desk.open(desk)
    arguments = command(port=port, address=address, headless=headless)
    note(f"The workbench of {opened.settings.name!r} is on http://{address}:{port}")
    environ = {**os.environ, "RISKPLATFORM_DESK": str(opened.settings.desk)}
    opened.close()
    sys.stdout.flush()
    os.execve(arguments[0], arguments, environ)


def add_to(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command()(workbench)
