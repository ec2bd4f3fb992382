"""Sessions of exchanges kept between runs, because some take seconds to work out.

The cache is a convenience: a file that is absent, damaged or of another version of the source is
made anew, and a folder that cannot be written costs time and nothing else.
"""

from __future__ import annotations

import importlib.metadata
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Sessions = tuple[date, date, NDArray[np.datetime64]]
"""First and last day that the source knows, and the sessions between."""


def cached_sessions(name: str, build: Callable[[], Sessions]) -> Sessions:
    """The sessions of exchange ``name``, from the cache or from ``build``."""
    version = importlib.metadata.version("exchange_calendars")
    file = _folder() / f"{name.replace('/', '_')}-{version}.npy"
    days = _read(file)
    if days is None:
        first, last, sessions = build()
        _write(file, np.concatenate([np.array([first, last], "M8[D]"), sessions]))
        return first, last, sessions
    return days[0].item(), days[1].item(), days[2:]


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "riskplatform" / "calendars"


def _read(file: Path) -> NDArray[np.datetime64] | None:
    try:
        days = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    is_ours = days.dtype == np.dtype("M8[D]") and days.ndim == 1 and days.size > 2
    return days if is_ours else None


def _write(file: Path, days: NDArray[np.datetime64]) -> None:
    """Written aside and renamed, so that another process never reads half a file."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=file.parent, suffix=".npy")
        with os.fdopen(handle, "wb") as stream:
            np.save(stream, days, allow_pickle=False)
        os.replace(aside, file)
