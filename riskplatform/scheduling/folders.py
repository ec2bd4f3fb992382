"""Folders that job files name: of the desk, and never outside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from riskplatform.errors import UserInputError

if TYPE_CHECKING:
    from riskplatform.desk import Desk


def inside_desk(desk: Desk, folder: str) -> Path:
    """The folder of that name below the desk's."""
    found = desk.settings.path(folder)
    if not found.is_relative_to(desk.settings.desk):
        raise UserInputError(
            f"The folder {folder!r} is not inside the desk.",
            hint="Name one below the desk's folder, such as reports.",
        )
    return found
