"""Extensions come from wheels; an absent or mismatched wheel says how to mend it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from riskplatform.errors import EnvironmentSetupError
from riskplatform.store.lake.extensions import extension_path


@pytest.mark.parametrize("name", ["ducklake", "sqlite_scanner", "postgres_scanner"])
def test_the_wheels_match_the_installed_duckdb(name: str) -> None:
    assert extension_path(name).is_file()


def test_an_absent_wheel_says_what_to_install() -> None:
    with pytest.raises(
        EnvironmentSetupError, match=f"pip install duckdb-extension-not-there=={duckdb.__version__}"
    ):
        extension_path("not_there")


def test_a_wheel_for_another_duckdb_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "duckdb_extension_made_up"
    (package / "extensions" / "v0.1.0").mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EnvironmentSetupError, match=r"for DuckDB v0\.1\.0, but DuckDB v"):
        extension_path("made_up")
