"""Prices of many instruments as flat arrays in order of instrument and day, ready for checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.market.quality.rules import Rule

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
_COLUMNS = ("instrument_id", "date", "close")


@dataclass(frozen=True, slots=True)
class Found:
    """What one rule found: an instrument's code, a day and a message for each mark."""

    rule: Rule
    codes: IntArray
    days: IntArray
    messages: list[str]


@dataclass(frozen=True, slots=True)
class Panel:
    """One entry for each delivered price. ``row`` is its place in the frame as delivered.

    Days count from 1970-01-01. Entries are sorted by instrument, then day, then delivery.
    """

    ids: Sequence[str]
    codes: IntArray
    days: IntArray
    close: FloatArray
    row: IntArray

    @property
    def is_first(self) -> BoolArray:
        """True at the first entry of each instrument."""
        first = np.ones(self.codes.size, dtype=bool)
        first[1:] = self.codes[1:] != self.codes[:-1]
        return first

    def found(self, rule: Rule, where: NDArray[np.intp], messages: list[str]) -> Found:
        return Found(rule, self.codes[where], self.days[where], messages)


def read_panel(frame: pd.DataFrame) -> tuple[Panel, Found]:
    """The panel of a long frame, and the instruments whose days were delivered out of order."""
    absent = [column for column in _COLUMNS if column not in frame.columns]
    if absent:
        raise UserInputError(
            f"The prices have no column {', '.join(absent)}.",
            hint=f"Needed: {', '.join(_COLUMNS)}; found: {', '.join(map(str, frame.columns))}.",
        )
    codes, ids = pd.factorize(frame["instrument_id"])
    days = np.asarray(pd.to_datetime(frame["date"])).astype("datetime64[D]")
    unreadable = int(np.isnat(days).sum() + (codes < 0).sum())
    if unreadable:
        raise UserInputError(f"{unreadable} prices have no instrument or no date.")
    codes, day_numbers = codes.astype(np.int64), days.astype(np.int64)
    close = frame["close"].to_numpy(dtype=np.float64, na_value=np.nan)
    row = np.arange(codes.size, dtype=np.int64)
    disorder = row[:0]
    # One key in which instrument comes before day, so that one sort serves both.
    key = codes * (1 << 32) + day_numbers
    if codes.size > 1 and (np.diff(key) < 0).any():
        together = np.argsort(codes, kind="stable")
        ordered = key[together]
        # Codes rise along ``together``, so the running maximum starts afresh at each instrument.
        disorder = together[ordered < np.maximum.accumulate(ordered)]
        row = np.argsort(key, kind="stable")
    panel = Panel(list(ids), codes[row], day_numbers[row], close[row], row)
    return panel, _disorder(codes, day_numbers, disorder)


def _disorder(codes: IntArray, days: IntArray, late: IntArray) -> Found:
    """One mark for each instrument with rows ``late`` in delivery, at the first of them."""
    _, first, count = np.unique(codes[late], return_index=True, return_counts=True)
    where = late[first]
    messages = [
        f"{number} rows were delivered after a later day, the first in row {row}"
        for number, row in zip(count, where, strict=True)
    ]
    return Found(Rule.DISORDER, codes[where], days[where], messages)


def day_text(day: int | np.int64) -> str:
    """A day number as 2024-06-03."""
    return str(np.datetime64(int(day), "D"))
