"""Lengths of time as people write them in job files: ``90s``, ``15m``, ``6h``, ``2d``."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_WRITTEN = re.compile(r"(\d+)\s*([smhd])")
LONGEST = timedelta(days=366)


def duration_of(text: object) -> timedelta:
    """The length that ``text`` says; anything else is a ValueError in words."""
    found = _WRITTEN.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"{text!r} is no length of time; write 90s, 15m, 6h or 2d")
    # A number without end would not fit a timedelta.
    seconds = int(found[1][:12]) * _UNITS[found[2]]
    if seconds > LONGEST.total_seconds():
        raise ValueError(f"{text!r} is longer than {LONGEST.days} days")
    return timedelta(seconds=seconds)


def duration_text(length: timedelta) -> str:
    """The shortest way to write it with one unit: 90 minutes are ``90m``, two hours ``2h``."""
    seconds = round(length.total_seconds())
    for unit, size in reversed(_UNITS.items()):
        if seconds % size == 0 and seconds:
            return f"{seconds // size}{unit}"
    return "0s"
