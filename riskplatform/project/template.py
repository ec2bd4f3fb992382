"""The starter content of a new desk, and the folder that it becomes."""

from __future__ import annotations

import shutil
from pathlib import Path

from riskplatform.errors import UserInputError
from riskplatform.project.desk_files import FILES

CONTENT = ("scenarios", "models", "jobs")

_SETTINGS = """\
# The settings of this desk. A flag beats RISKPLATFORM_*, which beats this table.
[tool.riskplatform]
name = "{name}"
base_currency = "{base_currency}"
# Beyond one machine (the default is SQLite and Parquet in data/):
# ledger_url = "postgresql+psycopg://user@host/ledger"
# lake = "postgresql://user@host/lake?data_path=/srv/lake"
"""


def starter() -> Path:
    """Where the starter content is: in the wheel, or at the top of the repository."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "starter"
    return inside if inside.is_dir() else package.parent


def write_desk_folder(folder: Path, *, name: str, base_currency: str) -> None:
    """A folder with settings and content. A folder with something in it is left alone."""
    if folder.exists() and any(folder.iterdir()):
        raise UserInputError(
            f"{folder} is not empty.", hint="Name a new folder, or open the desk that is there."
        )
    folder.mkdir(parents=True, exist_ok=True)
    for content in CONTENT:
        source = starter() / content
        if source.is_dir():
            shutil.copytree(source, folder / content)
        else:
            (folder / content).mkdir()
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    settings = _SETTINGS.format(name=quoted, base_currency=base_currency)
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    for file, text in FILES.items():
        (folder / file).write_text(text, encoding="utf-8")
    (folder / "data").mkdir()
