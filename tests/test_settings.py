"""A flag beats the environment, which beats the desk's table, which beats the default."""

from pathlib import Path

import pytest

from riskplatform.errors import SettingsError
from riskplatform.settings import Settings, load_settings


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(
        "[tool.riskplatform]\nbase_currency = 'EUR'\nstale_after_days = 3\nname = 'table'\n"
    )
    return tmp_path


def test_the_strongest_place_wins_key_by_key(desk: Path) -> None:
    settings = load_settings(
        desk,
        flags={"name": "flag", "base_currency": None},
        environ={"RISKPLATFORM_NAME": "variable", "RISKPLATFORM_STALE_AFTER_DAYS": "9"},
    )
    assert (settings.name, settings.base_currency) == ("flag", "EUR")
    assert (settings.stale_after_days, settings.lock_timeout_seconds) == (9, 30.0)


def test_a_folder_without_a_table_has_the_defaults(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, environ={})
    assert settings.base_currency == "USD"
    assert settings.path(settings.cubes) == tmp_path / "data" / "cubes"
    assert settings.actor


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"RISKPLATFORM_BASE_CURENCY": "USD"}, "Did you mean base_currency"),
        ({"RISKPLATFORM_STALE_AFTER_DAYS": "three"}, "not a number"),
        ({"RISKPLATFORM_STALE_AFTER_DAYS": "-1"}, "number of days from 0"),
        ({"RISKPLATFORM_BASE_CURRENCY": "usd"}, "three capital letters"),
    ],
)
def test_a_wrong_setting_is_refused_with_the_way_out(
    desk: Path, environ: dict[str, str], says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        load_settings(desk, environ=environ)


def test_a_table_that_is_not_toml_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.riskplatform\n")
    with pytest.raises(SettingsError, match=r"pyproject\.toml cannot be read"):
        load_settings(tmp_path, environ={})


def test_no_password_is_shown() -> None:
    secret = Settings(desk=Path("."), ledger_url="postgresql+psycopg://risk:hunter2@db/ledger")
    assert "hunter2" not in repr(secret)
    assert secret.shown()["ledger_url"] == "postgresql+psycopg://risk:***@db/ledger"
