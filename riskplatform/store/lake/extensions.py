"""Loads DuckDB's extensions from installed wheels, never from the network."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import duckdb

from riskplatform.errors import EnvironmentSetupError

# Loading by path bypasses DuckDB's own installer, so a run changes nothing outside the wheel
# and cannot reach out; the two settings make a forgotten LOAD an error instead of a download.
OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def extension_path(name: str) -> Path:
    """Where the wheel of ``name`` keeps the binary for the installed DuckDB."""
    wheel = f"duckdb-extension-{name.replace('_', '-')}"
    module = importlib.util.find_spec(f"duckdb_extension_{name}")
    if module is None or not module.submodule_search_locations:
        raise EnvironmentSetupError(
            f"The DuckDB extension {name} is not installed.",
            hint=f"Install it: pip install {wheel}=={duckdb.__version__}",
        )
    folder = Path(module.submodule_search_locations[0]) / "extensions"
    path = folder / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    if not path.is_file():
        found = ", ".join(sorted(item.name for item in folder.glob("v*"))) or "none"
        raise EnvironmentSetupError(
            f"The wheel {wheel} holds the extension for DuckDB {found}, "
            f"but DuckDB v{duckdb.__version__} is installed.",
            hint=f"Install the matching one: pip install {wheel}=={duckdb.__version__}",
        )
    return path


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load one extension into ``connection`` (and so into its database instance)."""
    connection.load_extension(str(extension_path(name)))
