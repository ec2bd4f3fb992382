"""The command that starts the server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from streamlit import config

from riskplatform.errors import EnvironmentSetupError
from riskplatform.ui import launch


def options(argv: list[str]) -> dict[str, str]:
    """The flags as a table; every flag has a value."""
    flags = argv[5:]
    assert len(flags) % 2 == 0
    return {name.removeprefix("--"): value for name, value in zip(*[iter(flags)] * 2, strict=True)}


def test_the_command_names_the_page_and_the_address(repo_root: Path) -> None:
    argv = launch.command(port=8600, address="127.0.0.1", headless=True)
    assert argv[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert argv[4] == str(repo_root / "apps" / "workbench" / "app.py")
    given = options(argv)
    assert given["server.port"] == "8600"
    assert given["server.address"] == "127.0.0.1"
    assert given["server.headless"] == "true"


def test_nothing_is_sent_to_anyone() -> None:
    given = options(launch.command(port=1, address="127.0.0.1"))
    assert given["browser.gatherUsageStats"] == "false"
    assert given["server.headless"] == "false"


def test_streamlit_knows_every_flag() -> None:
    known = set(config.get_config_options())
    assert set(options(launch.command(port=1))) <= known


def test_an_installed_wheel_has_its_pages_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "apps" / "workbench" / "app.py"
    page.parent.mkdir(parents=True)
    page.touch()
    monkeypatch.setattr(launch, "starter", lambda: tmp_path)
    assert launch.app_path() == page


def test_absent_pages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "starter", lambda: tmp_path)
    with pytest.raises(EnvironmentSetupError, match="workbench"):
        launch.app_path()


def test_the_command_is_ready_without_loading_streamlit() -> None:
    code = "import sys, riskplatform.ui.launch; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
