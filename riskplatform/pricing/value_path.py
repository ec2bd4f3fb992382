"""Value, flows and P&L of a book day by day, by the model ``marks``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskplatform.domain.instruments import Bond, Cash, Instrument, Quote
from riskplatform.domain.provenance import Provenance
from riskplatform.market.fixings import FixingSeries
from riskplatform.market.lookup import attempt
from riskplatform.pricing.accrued import Fixing, accrued_path

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class History:
    """One row per day: date, value, flows, pnl, uncovered (lines held without a value).

    ``flows`` is what was put in or taken out during the day, at the day's end values; the P&L is
    the change of value that flows do not explain.
    """

    frame: pd.DataFrame
    provenance: Provenance

    def to_frame(self) -> pd.DataFrame:
        return self.frame.copy()

    def to_dict(self) -> dict[str, Any]:
        return {
            "provenance": self.provenance.to_dict(),
            "days": self.frame.to_dict("records"),
        }


@dataclass(frozen=True)
class MarketPath:
    """Marks and rates on a grid of days. A mark that is not known is NaN.

    ``closes`` has one column per instrument id, ``usd_per_unit`` one per currency; both carry the
    last known quote forward.
    """

    days: NDArray[np.datetime64]
    closes: pd.DataFrame
    usd_per_unit: pd.DataFrame
    fixings: Mapping[str, FixingSeries]

    def fixing(self, needed_by: str) -> Fixing:
        """Fixings by index and day, for one instrument."""

        def look(index_id: str, day: date) -> float:
            return self.fixings[index_id].on(day, needed_by=needed_by)

        return look


def unit_value_path(
    instruments: Sequence[Instrument], market: MarketPath, base_currency: str
) -> FloatArray:
    """Value of one unit in ``base_currency``: days × instruments, NaN where it is not known."""
    values = np.full((market.days.size, len(instruments)), np.nan)
    for column, instrument in enumerate(instruments):
        rate = rate_path(market, instrument.currency, base_currency)
        values[:, column] = _local(instrument, market) * rate
    return values


def rate_path(market: MarketPath, currency: str, base_currency: str) -> FloatArray:
    """Units of ``base_currency`` for one of ``currency``, by day; NaN where not known."""
    rates = market.usd_per_unit
    if currency not in rates or base_currency not in rates:
        return np.full(market.days.size, np.nan)
    return np.asarray(rates[currency].to_numpy() / rates[base_currency].to_numpy())


def _local(instrument: Instrument, market: MarketPath) -> FloatArray:
    if isinstance(instrument, Cash):
        return np.ones(market.days.size)
    name = instrument.instrument_id
    if name not in market.closes:
        return np.full(market.days.size, np.nan)
    marks = market.closes[name].to_numpy(dtype=np.float64, copy=True)
    if isinstance(instrument, Bond) and instrument.quote is Quote.CLEAN:
        accrued = attempt(
            partial(accrued_path, instrument, market.days, market.fixing(name)), subject=name
        )
        marks += accrued if isinstance(accrued, np.ndarray) else np.nan
    if instrument.expires_on is not None:
        marks[market.days > np.datetime64(instrument.expires_on)] = np.nan
    return marks * float(instrument.multiplier)


def value_path(
    quantity: FloatArray, balance: FloatArray, unit_values: FloatArray, balance_rates: FloatArray
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Value by day, and how many instruments are held on each day without a value."""
    held = (quantity != 0) | (balance != 0)
    known = np.isfinite(unit_values) & np.isfinite(balance_rates)
    lines = np.where(known, quantity * unit_values + balance * balance_rates, 0.0)
    return lines.sum(axis=1), (held & ~known).sum(axis=1)
