"""The command that starts the workbench, with every setting as a flag.

Flags and not a ``.streamlit`` folder, because a folder would have to be where the user stands.
"""

from __future__ import annotations

import sys
from pathlib import Path

from riskplatform.errors import EnvironmentSetupError
from riskplatform.project.template import starter
from riskplatform.ui.theme import flags


def app_path() -> Path:
    """The workbench's entry: at the top of the repository, or inside an installed wheel."""
    path = starter() / "apps" / "workbench" / "app.py"
    if not path.is_file():
        raise EnvironmentSetupError(
            f"The workbench's pages are not in {path.parent}.",
            hint="Install again: pip install --force-reinstall 'riskplatform[workbench]'",
        )
    return path


def command(*, port: int, address: str = "127.0.0.1", headless: bool = False) -> list[str]:
    """The argv of the server: program first, ready for exec."""
    settings = {
        "server.address": address,
        "server.port": str(port),
        "server.headless": _flag(headless),
        "server.fileWatcherType": "none",
        "server.runOnSave": "false",
        "server.maxUploadSize": "200",
        "browser.gatherUsageStats": "false",
        "browser.serverAddress": address,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "logger.level": "warning",
    }
    given = [part for name, value in settings.items() for part in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", str(app_path()), *given, *flags()]


def _flag(value: bool) -> str:
    return "true" if value else "false"
