"""Moves over windows of a history: which days open and close each window, and what moved."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from riskplatform.errors import DataError
from riskplatform.market.content import DateArray, FloatArray
from riskplatform.simulation.history import FactorHistory
from riskplatform.simulation.kinds import moves_between

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """One move [window, factor] per window, oldest first, and the days it lies between."""

    moves: FloatArray = field(repr=False)
    first: DateArray = field(repr=False)
    last: DateArray = field(repr=False)
    horizon_days: int
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.first)

    def labels(self) -> tuple[str, ...]:
        """A one-day window by the day it ends on, a longer one by both its ends."""
        if self.horizon_days == 1:
            return tuple(str(day) for day in self.last)
        return tuple(
            f"{first} to {last}" for first, last in zip(self.first, self.last, strict=True)
        )


def windows(
    history: FactorHistory, horizon_days: int = 1, *, overlapping: bool = True, least: int = 1
) -> Windows:
    """The moves over ``horizon_days``; at least ``least`` of them or a refusal.

    Windows that do not overlap are counted back from the last day, so that the newest data is
    always in.
    """
    opens, closes = ends(history.places, horizon_days, overlapping=overlapping)
    if opens.size < least:
        raise DataError(
            f"{least} moves over {horizon_days} days are needed; the history of {len(history)} "
            f"days has {opens.size}{'' if overlapping else ' that do not overlap'}.",
            hint="Give a longer history, a shorter horizon, or let windows overlap.",
        )
    levels = history.levels
    moves = moves_between(levels[opens], levels[closes], history.axis.kinds)
    notes = history.notes + _constant_notes(history.axis.factor_ids, moves)
    return Windows(moves, history.dates[opens], history.dates[closes], horizon_days, notes)


def ends(
    places: NDArray[np.int64], horizon_days: int, *, overlapping: bool
) -> tuple[Places, Places]:
    """Rows that open and close each window of exactly ``horizon_days`` on the grid."""
    opens = np.searchsorted(places, places - horizon_days)
    exact = (places >= horizon_days + places[0]) & (
        places[np.minimum(opens, places.size - 1)] == places - horizon_days
    )
    closes = np.flatnonzero(exact)
    opens = opens[closes]
    if overlapping or closes.size == 0:
        return opens, closes
    chosen = [closes.size - 1]
    for row in range(closes.size - 2, -1, -1):
        if closes[row] <= opens[chosen[-1]]:
            chosen.append(row)
    kept = np.array(chosen[::-1], dtype=np.intp)
    return opens[kept], closes[kept]


def _constant_notes(factor_ids: tuple[str, ...], moves: FloatArray) -> tuple[str, ...]:
    constant = np.flatnonzero((moves == moves[:1]).all(axis=0))
    if len(moves) == 1 or constant.size == 0:
        return ()
    named = ", ".join(factor_ids[column] for column in constant[:10])
    more = f" and {constant.size - 10} more" if constant.size > 10 else ""
    return (f"Factors that never vary in the history: {named}{more}.",)
