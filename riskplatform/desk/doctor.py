"""Examines the environment and a desk, and says for each finding how to mend it."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from riskplatform.desk.desk import Desk
from riskplatform.errors import RiskPlatformError

# Engine, what it serves, the extra that brings it.
_ENGINES = (
    ("duckdb", "the lake", ""),
    ("sqlalchemy", "the ledger", ""),
    ("QuantLib", "exotic pricing", ""),
    ("numba", "compiled pricing", ""),
    ("streamlit", "the workbench", "workbench"),
    ("plotly", "charts", "workbench"),
    ("psycopg", "PostgreSQL", "postgres"),
    ("arch", "volatility models", "statistics"),
    ("statsmodels", "statistics", "statistics"),
    ("networkx", "networks", "statistics"),
    ("cvxpy", "optimisation", "optimisation"),
    ("riskfolio-lib", "more risk measures", "riskfolio"),
    ("apscheduler", "scheduled jobs", "scheduling"),
    ("ib_insync", "Interactive Brokers", "broker"),
    ("fastapi", "the REST API", "api"),
    ("torch", "graph networks", "ml"),
    ("torch-geometric", "graph networks", "ml"),
)

_EXTENSIONS = ("ducklake", "sqlite_scanner", "postgres_scanner")
_LEAST_FREE_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``state`` is well, absent (optional), weak or broken."""

    state: str
    what: str
    found: str
    mend: str = ""


def examine(folder: Path) -> list[Check]:
    """Every check, of the environment first and then of the desk in ``folder``."""
    return [*_environment(), *_engines(), _extensions(), _calendars(), *_desk(folder)]


def _environment() -> Iterator[Check]:
    version = platform.python_version()
    good = (3, 11) <= sys.version_info[:2] < (3, 13)
    yield Check(
        "well" if good else "broken", "Python", version, "" if good else "Install Python 3.11."
    )


def _engines() -> Iterator[Check]:
    for package, purpose, extra in _ENGINES:
        what = f"{package} ({purpose})"
        try:
            yield Check("well", what, importlib.metadata.version(package))
        except importlib.metadata.PackageNotFoundError:
            name = f"riskplatform[{extra}]" if extra else "riskplatform"
            state = "absent" if extra else "broken"
            yield Check(state, what, "not installed", f"pip install '{name}'")


def _extensions() -> Check:
    from riskplatform.store.lake.extensions import extension_path

    def look() -> str:
        paths = [extension_path(name) for name in _EXTENSIONS]
        return f"{len(paths)} extensions for DuckDB {paths[0].parent.name}"

    return _tried("DuckDB extensions", look, "pip install --force-reinstall duckdb-extensions")


def _calendars() -> Check:
    from riskplatform.market.calendars import business_calendar

    def look() -> str:
        calendar = business_calendar("XNYS")
        if calendar.last_date < datetime.now(UTC).date() + timedelta(days=365):
            raise RiskPlatformError(f"XNYS is known only to {calendar.last_date}.")
        return f"XNYS from {calendar.first_date} to {calendar.last_date}"

    return _tried("Calendars", look, "pip install --upgrade exchange_calendars")


def _desk(folder: Path) -> Iterator[Check]:
    free = shutil.disk_usage(folder if folder.is_dir() else Path.cwd()).free
    enough = free >= _LEAST_FREE_BYTES
    mend = "" if enough else "Free some space: the lake needs room to merge its files."
    yield Check("well" if enough else "weak", "Free disk", f"{free / 1e9:,.1f} GB", mend)
    try:
        desk = Desk.open(folder)
    except RiskPlatformError as error:
        yield Check("weak", "Desk", error.message, error.hint or "")
        return
    with desk:
        yield Check("well", "Desk", f"{desk.settings.name} in {desk.settings.desk}")
        yield _tried("Ledger", lambda: _ledger(desk), "Restore the ledger from its backup.")
        yield _tried("Audit chain", lambda: _audit(desk), "Restore the ledger from its backup.")
        yield _tried("Lake", lambda: _lake(desk), "Restore the lake's folder from its backup.")


def _tried(what: str, look: Callable[[], str], mend: str) -> Check:
    """The check's finding; an error of ours becomes a broken check that keeps its own hint."""
    try:
        return Check("well", what, look())
    except RiskPlatformError as error:
        return Check("broken", what, error.message, error.hint or mend)


def _ledger(desk: Desk) -> str:
    last = desk.ledger.last_recorded_at()
    when = f"last written {last:%Y-%m-%d %H:%M} UTC" if last else "nothing recorded yet"
    return f"{len(desk.instruments()):,} instruments, {len(desk.portfolios()):,} portfolios, {when}"


def _audit(desk: Desk) -> str:
    report = desk.ledger.audit.verify()
    if not report.is_intact:
        raise RiskPlatformError(f"Broken: {report.problem}")
    return f"{report.entries:,} entries, intact"


def _lake(desk: Desk) -> str:
    problems = desk.lake.verify()
    if problems:
        raise RiskPlatformError(f"{len(problems)} data files are missing or changed: {problems[0]}")
    return f"snapshot {desk.lake.latest_snapshot()}"
