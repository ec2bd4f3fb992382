"""Quotes as a feed might deliver them: the clean closes with a few known faults laid over.

The clean history stays what it is. The faults lie in the last months before ``as_of``, where a
data-quality page looks, so unlike the history they move with ``as_of``. Each fault is listed with
the quality rule that ought to find it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskplatform.errors import UserInputError
from riskplatform.market.synthetic.grid import DateArray
from riskplatform.market.synthetic.history import SyntheticHistory
from riskplatform.market.synthetic.panels import seal
from riskplatform.market.synthetic.streams import FloatArray, stream

SHORTEST_HISTORY_DAYS = 130


@dataclass(frozen=True)
class Blemish:
    """A fault of one name's quotes from ``first`` through ``last``; ``rule`` should find it."""

    rule: str
    instrument_id: str
    first: np.datetime64
    last: np.datetime64
    note: str


@dataclass(frozen=True)
class Quotes:
    """Closes [day, name] as delivered. Where ``is_quoted`` is false nothing was delivered."""

    ids: tuple[str, ...]
    dates: DateArray
    close: FloatArray
    is_quoted: NDArray[np.bool_]
    blemishes: tuple[Blemish, ...]

    def __post_init__(self) -> None:
        seal(self)


@dataclass(frozen=True)
class _Fault:
    """A fault to inject: days before the end it begins, days it lasts (0: to the end)."""

    rule: str
    days_before_end: int
    length: int
    factor: float
    note: str


_FAULTS = (
    _Fault("stale_run", 64, 9, 1.0, "the feed repeats one close for nine days"),
    _Fault("stale_run", 27, 12, 1.0, "the feed repeats one close for twelve days"),
    _Fault("missing_days", 48, 1, 1.0, "one close was never delivered"),
    _Fault("missing_days", 33, 4, 1.0, "four closes in a row were never delivered"),
    _Fault("missing_days", 12, 1, 1.0, "one close was never delivered"),
    _Fault("spike", 57, 1, 10.0, "the decimal point slipped by one place for a day"),
    _Fault("spike", 21, 1, 1.45, "a mistyped close stands for a day"),
    _Fault("spike", 8, 1, 0.01, "one close came in hundredths of the currency"),
    _Fault("split_like", 90, 0, 0.5, "prices halve as by a split that no event explains"),
    _Fault("split_like", 16, 0, 0.2, "prices fall to a fifth as by a split that no event explains"),
)
_QUIET_DAYS = 110


def blemished_quotes(history: SyntheticHistory) -> Quotes:
    """The quotes of all names with the documented faults, each in another name."""
    equities = history.equities
    days = history.dates.size
    if days < SHORTEST_HISTORY_DAYS:
        raise UserInputError(
            f"Blemished quotes were asked of a history of {days} days.",
            hint=f"Simulate at least {SHORTEST_HISTORY_DAYS} days.",
        )
    # A true split near a fault would hide it.
    quiet = (equities.split_ratios[-_QUIET_DAYS:] == 1.0).all(axis=0)
    eligible = [
        column
        for column, name in enumerate(history.universe.names)
        if quiet[column] and name.kind == "equity"
    ]
    chosen = stream(history.seed, "quotes").choice(eligible, size=len(_FAULTS), replace=False)
    close = equities.raw_close.copy()
    is_quoted = np.ones(close.shape, dtype=np.bool_)
    blemishes = []
    for fault, column in zip(_FAULTS, chosen, strict=True):
        start = days - fault.days_before_end
        stop = start + fault.length if fault.length else days
        if fault.rule == "stale_run":
            close[start:stop, column] = close[start - 1, column]
        elif fault.rule == "missing_days":
            is_quoted[start:stop, column] = False
        else:
            close[start:stop, column] = np.round(close[start:stop, column] * fault.factor, 4)
        blemishes.append(
            Blemish(
                fault.rule, equities.ids[column], history.dates[start], history.dates[stop - 1],
                fault.note,
            )
        )  # fmt: skip
    return Quotes(equities.ids, history.dates, close, is_quoted, tuple(blemishes))
