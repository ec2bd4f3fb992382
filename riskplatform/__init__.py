"""One book of positions and exposures drives every number and every trade."""

from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    from pathlib import Path

    from riskplatform.desk import Desk

__version__ = "0.1.0"

__all__ = ["demo", "open"]


def open(path: str | Path = ".", **flags: typing.Any) -> Desk:
    """The desk in folder ``path``. Flags such as ``base_currency="EUR"`` beat its settings."""
    from riskplatform.desk import Desk

    return Desk.open(path, **flags)


def demo(path: str | Path | None = None) -> Desk:
    """The demo desk in ``path`` (or in the user's cache), made first if it is not there.

    Making it takes about half a minute: one firm, four funds, ten years of a synthetic market.
    """
    from pathlib import Path

    from riskplatform.demofirm import create_demo
    from riskplatform.desk import Desk

    folder = Path(path) if path is not None else Path.home() / ".cache" / "riskplatform" / "demo"
    if folder.is_dir():
        return Desk.open(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return create_demo(folder)
