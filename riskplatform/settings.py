"""One settings class. A flag beats RISKPLATFORM_*, which beats [tool.riskplatform], then defaults.

The table lives in the ``pyproject.toml`` of the desk's folder. Values that can carry a password are
hidden when settings are shown.
"""

from __future__ import annotations

import getpass
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from riskplatform.errors import SettingsError, nearest

PREFIX = "RISKPLATFORM_"
TABLE = "tool.riskplatform"

_PASSWORD = re.compile(r"(?<=://)([^:/@]+):([^@]*)@")

# Variables of the same prefix that are no settings of a desk: for looking for defects, passphrases
# of people (never kept), and the test suite's own.
_OTHER_VARIABLES = frozenset(
    {
        "RISKPLATFORM_DEBUG", "RISKPLATFORM_PASSPHRASE", "RISKPLATFORM_NEW_PASSPHRASE",
        "RISKPLATFORM_REQUIRE_ALL", "RISKPLATFORM_HYPOTHESIS",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one desk runs. Paths that are not absolute are meant from the desk's folder."""

    desk: Path = field(metadata={"help": "folder of the desk"})
    name: str = field(default="", metadata={"help": "name shown on reports"})
    base_currency: str = field(default="USD", metadata={"help": "currency of totals"})
    ledger_url: str = field(
        default="sqlite:///data/ledger.sqlite",
        metadata={"help": "SQLAlchemy URL of the ledger (SQLite or postgresql+psycopg)"},
    )
    lake: str = field(
        default="data",
        metadata={"help": "the lake: a folder, or postgresql://...?data_path=FOLDER_OR_S3_URL"},
    )
    cubes: str = field(default="data/cubes", metadata={"help": "folder of the cube files"})
    scenario_sets: str = field(
        default="data/scenario_sets", metadata={"help": "folder of the scenario sets"}
    )
    smile_rule: str = field(
        default="sticky_strike",
        metadata={
            "help": "what of a smile stays when its forward moves: sticky_strike or sticky_delta"
        },
    )
    var_model: str = field(
        default="historical-var",
        metadata={"help": "the VaR model in use where models/champions.yaml names no other"},
    )
    engine: str = field(
        default="local", metadata={"help": "who builds cubes: local (this machine) or ray"}
    )
    engine_address: str = field(
        default="local", metadata={"help": "the Ray cluster; local starts one for the build"}
    )
    actor: str = field(default="", metadata={"help": "who acts, for the audit trail"})
    api_token: str = field(
        default="", metadata={"help": "what callers of the REST API must show; none if empty"}
    )
    stale_after_days: int = field(
        default=5, metadata={"help": "calendar days after which a mark counts as stale"}
    )
    lock_timeout_seconds: float = field(
        default=30.0, metadata={"help": "how long a writer waits for another"}
    )

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Z]{3}", self.base_currency):
            raise SettingsError(
                f"base_currency is {self.base_currency!r}.", hint="Give three capital letters."
            )
        if self.stale_after_days < 0 or self.lock_timeout_seconds <= 0:
            raise SettingsError(
                f"stale_after_days is {self.stale_after_days} and lock_timeout_seconds is "
                f"{self.lock_timeout_seconds}.",
                hint="Give a number of days from 0 and a time above 0.",
            )

    def path(self, value: str) -> Path:
        """A path of this desk, absolute."""
        return (self.desk / value).resolve()

    def shown(self) -> dict[str, Any]:
        """For people and logs: no password or token in it."""
        found = {
            f.name: _PASSWORD.sub(r"\1:***@", str(getattr(self, f.name))) for f in fields(self)
        }
        return found | {"api_token": "***" if self.api_token else ""}

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{k}={v!r}' for k, v in self.shown().items())})"


def load_settings(
    desk: Path | str,
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The settings of the desk in folder ``desk``, each from the strongest place that names it."""
    folder = Path(desk).resolve()
    settings = Settings(desk=folder)
    for origin, values in (
        (f"[{TABLE}] in {folder / 'pyproject.toml'}", _table(folder)),
        ("the environment", _variables(os.environ if environ is None else environ)),
        ("the flags", flags or {}),
    ):
        settings = _overlay(settings, values, origin)
    return settings if settings.actor else replace(settings, actor=_person())


def _table(folder: Path) -> Mapping[str, Any]:
    file = folder / "pyproject.toml"
    if not file.is_file():
        return {}
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}.") from error
    table: Mapping[str, Any] = document.get("tool", {}).get("riskplatform", {})
    return table


def _variables(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environ.items()
        if name.startswith(PREFIX) and name not in _OTHER_VARIABLES
    }


def _overlay(settings: Settings, values: Mapping[str, Any], origin: str) -> Settings:
    known = {f.name: f.type for f in fields(settings)}
    chosen: dict[str, Any] = {}
    for key, value in values.items():
        if key not in known:
            near = nearest(key, known)
            raise SettingsError(
                f"There is no setting {key!r} ({origin}).",
                hint=f"Did you mean {near[0]}?" if near else f"Settings: {', '.join(known)}.",
            )
        if key != "desk" and value is not None:
            chosen[key] = _typed(key, value, str(known[key]), origin)
    return replace(settings, **chosen)


def _typed(key: str, value: Any, kind: str, origin: str) -> Any:
    readers = {"int": int, "float": float, "str": str}
    try:
        return readers[kind](value)
    except ValueError:
        raise SettingsError(f"{key} is {value!r}, which is not a number ({origin}).") from None


def _person() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
