"""A planted password appears nowhere: not in errors, not in what is printed, not in the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskplatform.cli.main import run
from riskplatform.desk import Desk
from riskplatform.project.template import write_desk_folder
from tests.desk.conftest import fill, now

SECRET = "hunter2-planted"


@pytest.mark.slow
@pytest.mark.parametrize("variable", ["RISKPLATFORM_LEDGER_URL", "RISKPLATFORM_LAKE"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["value", "show", "--as-of", "2026-03-06"],
        ["doctor"],
        ["validate"],
        ["report", "morning", "--as-of", "2026-03-06"],
    ],
)
def test_a_server_that_cannot_be_reached_is_named_without_its_password(
    tmp_path: Path,
    variable: str,
    arguments: list[str],
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "desk"
    Desk.create(folder).close()
    scheme = "postgresql+psycopg" if variable.endswith("URL") else "postgresql"
    # Port 1 of this machine: nobody listens, so the answer is immediate.
    monkeypatch.setenv(
        variable,
        f"{scheme}://risk:{SECRET}@127.0.0.1:1/book?data_path={tmp_path}/lake"
        if variable.endswith("LAKE")
        else f"{scheme}://risk:{SECRET}@127.0.0.1:1/book",
    )
    monkeypatch.setenv("RISKPLATFORM_DEBUG", "1")
    code = run([*arguments, "--desk", str(folder)])
    printed = "".join(capfd.readouterr())
    if arguments != ["validate"]:
        # Only reading the content needs no server; all else must have tried to reach it.
        assert code == 1
        assert "127.0.0.1" in printed
    assert SECRET not in printed
    assert "defect" not in printed


@pytest.mark.slow
def test_settings_with_a_password_leave_no_trace_in_the_desk_s_data(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    write_desk_folder(folder, name="desk", base_currency="USD")
    settings = folder / "pyproject.toml"
    with Desk.create(tmp_path / "other", clock=now) as desk:
        fill(desk)
        desk.morning()
        assert SECRET not in repr(desk.settings)
    settings.write_text(
        f'[tool.riskplatform]\nledger_url = "postgresql+psycopg://risk:{SECRET}@127.0.0.1:1/x"\n'
    )
    with Desk.open(folder) as desk:
        shown = f"{desk!r} {desk.settings!r} {desk.settings.shown()}"
    assert SECRET not in shown
    written = b"".join(file.read_bytes() for file in (folder / "data").rglob("*") if file.is_file())
    assert SECRET.encode() not in written
