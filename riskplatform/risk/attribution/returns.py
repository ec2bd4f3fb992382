"""Rates of return: time-weighted by day, money-weighted by the internal rate, and in between.

A day's return is its P&L over what worked in it. ``start``: flows came before the market moved
(P&L over value before plus flows); ``end``: after (P&L over value before). The day's P&L is the
change of value less flows in either case, as in the history of a node.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UnknownNameError
from riskplatform.market.content import FloatArray

YEAR = 365.0
# Of log(1 + rate a year): from -99.9 % to about a thousandfold a year and beyond.
_LOWEST, _HIGHEST, _GRID = -7.0, 7.0, 2801


class FlowTiming(StrEnum):
    """When in its day money comes or goes."""

    START = "start"
    END = "end"


def timing_named(name: str) -> FlowTiming:
    """The convention called ``name``."""
    try:
        return FlowTiming(name)
    except ValueError:
        raise UnknownNameError("timing of flows", name, list(FlowTiming)) from None


def daily_returns(
    values: ArrayLike, flows: ArrayLike, timing: FlowTiming = FlowTiming.END
) -> FloatArray:
    """One return for each day after the first; not a number where nothing worked in the day.

    ``flows[i]`` came in (or, below zero, went out) on day i; that of the first day does not count.
    """
    value, flow = (np.asarray(each, dtype=np.float64) for each in (values, flows))
    pnl = np.diff(value) - flow[1:]
    base = value[:-1] + (flow[1:] if timing is FlowTiming.START else 0.0)
    good = base > 0.0
    found = np.divide(pnl, base, out=np.full(len(base), np.nan), where=good)
    # A day without capital and without P&L is no gap: nothing was there to be lost.
    return np.asarray(np.where(~good & (pnl == 0.0) & (base == 0.0), 0.0, found))


@dataclass(frozen=True, slots=True)
class MoneyWeighted:
    """Rates a year that make all flows worth nothing; ``rate`` is the one nearest to Dietz.

    ``roots`` are all that were found; several are possible when flows change sign more than once.
    """

    rate: float
    roots: tuple[float, ...]
    years: float

    @property
    def is_unique(self) -> bool:
        return len(self.roots) == 1

    @property
    def period_return(self) -> float:
        """Over the whole time, not a year."""
        return float((1.0 + self.rate) ** self.years - 1.0)


def modified_dietz(
    begin: float, end: float, flows: ArrayLike, times: ArrayLike, years: float
) -> float:
    """P&L over the average capital: flows weighted by the time that was left."""
    flow, at = (np.asarray(each, dtype=np.float64) for each in (flows, times))
    capital = begin + float((flow * (years - at) / years).sum()) if years else begin
    gain = end - begin - float(flow.sum())
    return gain / capital if capital else float("nan")


def money_weighted(
    begin: float, end: float, flows: ArrayLike, times: ArrayLike, years: float
) -> MoneyWeighted | Failure:
    """The internal rate of return of a value, flows at ``times`` (years from the start), an end.

    Every root between -99.9 % and a hundred thousand percent a year is found.
    """
    flow, at = (np.asarray(each, dtype=np.float64) for each in (flows, times))
    amounts = np.concatenate([[begin], flow, [-end]])
    moments = np.concatenate([[0.0], at, [years]])
    kept = amounts != 0.0
    amounts, moments = amounts[kept], moments[kept]
    if not amounts.size or not (amounts.min() < 0.0 < amounts.max()) or years <= 0.0:
        return _none("money went one way only")
    roots = tuple(float(np.expm1(each)) for each in _roots(amounts, moments))
    if not roots:
        return _none("no rate makes all flows worth nothing")
    dietz = modified_dietz(begin, end, flow, at, years)
    guess = (1.0 + dietz) ** (1.0 / years) - 1.0 if np.isfinite(dietz) and dietz > -1.0 else 0.0
    return MoneyWeighted(min(roots, key=lambda each: abs(each - guess)), roots, years)


def _none(why: str) -> Failure:
    return Failure(
        FailureReason.CALCULATION_FAILED, f"There is no money-weighted return: {why}.", "irr"
    )


def _roots(amounts: FloatArray, moments: FloatArray) -> list[float]:
    """Zeros by log(1 + rate): each change of sign on a fine grid, then Brent."""
    from scipy.optimize import brentq

    size = float(np.abs(amounts).sum())

    def worth(log_rate: float) -> float:
        return float(amounts @ np.exp(-log_rate * moments)) / size

    grid = np.linspace(_LOWEST, _HIGHEST, _GRID)
    values = np.exp(-np.outer(grid, moments)) @ amounts
    found = [float(grid[place]) for place in np.flatnonzero(values == 0.0)]
    for place in np.flatnonzero(values[:-1] * values[1:] < 0.0):
        found.append(float(brentq(worth, grid[place], grid[place + 1], xtol=1e-14)))
    return sorted(found)
