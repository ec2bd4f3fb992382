"""The stage of the demo: a synthetic history, its days, and on which of them who trades."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from riskplatform.domain.instruments import Instrument
from riskplatform.market.calendars import business_calendar
from riskplatform.market.synthetic.history import SyntheticHistory
from riskplatform.market.synthetic.panels import NodePanel
from riskplatform.pricing.formulas.arrays import BoolArray, FloatArray
from riskplatform.pricing.formulas.cashflows import linear_zero

RowArray = NDArray[np.intp]
DAYS_PER_YEAR = 365.0


@dataclass(frozen=True)
class Item:
    """An instrument and the rows of the history on which it exists, both included."""

    instrument: Instrument
    first: int
    last: int

    @property
    def id(self) -> str:
        return self.instrument.instrument_id


@dataclass(frozen=True)
class Stage:
    """A history and the row of the day on which the firm opened."""

    history: SyntheticHistory
    opening: int
    _open: dict[str, BoolArray] = field(default_factory=dict, repr=False, compare=False)

    @property
    def end(self) -> int:
        """The last row: the as-of day."""
        return len(self.history.dates) - 1

    @property
    def as_of(self) -> date:
        return self.day(self.end)

    @property
    def seed(self) -> int:
        return self.history.seed

    def day(self, row: int) -> date:
        day: date = self.history.dates[row].item()
        return day

    def row(self, day: date) -> int:
        """The first row on or after ``day``; one past the end for a day to come."""
        return int(np.searchsorted(self.history.dates, np.datetime64(day)))

    def years_to(self, day: date, rows: RowArray) -> FloatArray:
        """Act/365F years from each row to ``day``."""
        elapsed = (np.datetime64(day) - self.history.dates[rows]).astype(np.float64)
        return np.asarray(elapsed / DAYS_PER_YEAR)

    def is_open(self, calendar: str) -> BoolArray:
        """On which rows ``calendar`` has a session."""
        if calendar not in self._open:
            found = business_calendar(calendar).are_business_days(self.history.dates)
            self._open[calendar] = found
        return self._open[calendar]

    def next_open(self, calendar: str, row: int) -> int:
        """The first row on or after ``row`` with a session; one past the end if there is none."""
        ahead = np.flatnonzero(self.is_open(calendar)[row:])
        return row + int(ahead[0]) if ahead.size else self.end + 1

    def last_open(self, calendar: str, row: int) -> int:
        """The last row on or before ``row`` with a session."""
        return int(np.flatnonzero(self.is_open(calendar)[: row + 1])[-1])

    def zero_rates(self, curve_id: str, rows: RowArray, years: FloatArray) -> FloatArray:
        """The zero rate to ``years[i]`` as of row ``rows[i]``."""
        curves = self.history.curves
        nodes = curves.of(curve_id)[rows]
        return linear_zero(years[:, np.newaxis], curves.times, nodes)[:, 0]

    def carry_yields(self, carry_id: str, rows: RowArray, years: FloatArray) -> FloatArray:
        """The carry yield to ``years[i]`` as of row ``rows[i]``: yield × time is linear."""
        panel: NodePanel = self.history.carry_yields
        inside = np.clip(years, panel.times[0], panel.times[-1])
        grown = panel.of(carry_id)[rows] * panel.times
        return np.asarray(linear_zero(inside[:, np.newaxis], panel.times, grown)[:, 0] / inside)

    def usd(self, currency: str) -> FloatArray:
        """Dollars per unit of ``currency`` on every row."""
        if currency == "USD":
            return np.ones(self.end + 1)
        return self.history.usd_per_unit.of(currency)
