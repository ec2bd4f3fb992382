"""Frozen tables of a synthetic history: columns by id, days as rows, arrays read-only."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskplatform.errors import UnknownNameError
from riskplatform.market.synthetic.streams import FloatArray


def seal(table: Any) -> None:
    """Make every array of a dataclass read-only, so that frozen means frozen."""
    for field in fields(table):
        value = getattr(table, field.name)
        if isinstance(value, np.ndarray):
            value.setflags(write=False)


def position(what: str, ids: tuple[str, ...], wanted: str) -> int:
    """Where ``wanted`` stands in ``ids``."""
    try:
        return ids.index(wanted)
    except ValueError:
        raise UnknownNameError(what, wanted, ids) from None


@dataclass(frozen=True)
class Panel:
    """One number per day and id."""

    what: str
    ids: tuple[str, ...]
    values: FloatArray

    def __post_init__(self) -> None:
        seal(self)

    def of(self, wanted: str) -> FloatArray:
        """The column of one id."""
        return self.values[:, position(self.what, self.ids, wanted)]


@dataclass(frozen=True)
class NodePanel:
    """A term structure per day and id: ``values`` is [day, id, node]."""

    what: str
    ids: tuple[str, ...]
    times: FloatArray
    values: FloatArray

    def __post_init__(self) -> None:
        seal(self)

    def of(self, wanted: str) -> FloatArray:
        """[day, node] of one id."""
        return self.values[:, position(self.what, self.ids, wanted), :]

    def at(self, wanted: str, time: float) -> FloatArray:
        """Values at ``time`` years, linear between nodes and flat outside."""
        nodes = self.of(wanted)
        if self.times.size == 1:
            return nodes[:, 0]
        right = int(np.clip(np.searchsorted(self.times, time), 1, self.times.size - 1))
        left = right - 1
        span = self.times[right] - self.times[left]
        weight = float(np.clip((time - self.times[left]) / span, 0.0, 1.0))
        return np.asarray(nodes[:, left] * (1.0 - weight) + nodes[:, right] * weight)


@dataclass(frozen=True)
class FactorPanel:
    """Risk factors: levels and daily returns, ``kinds`` saying 'log' or 'absolute'.

    The first row of returns is zero, there being no day before.
    """

    ids: tuple[str, ...]
    kinds: tuple[str, ...]
    levels: FloatArray
    returns: FloatArray

    def __post_init__(self) -> None:
        seal(self)

    def returns_of(self, factor_id: str) -> FloatArray:
        """Daily returns of one factor."""
        return self.returns[:, position("risk factor", self.ids, factor_id)]

    def levels_of(self, factor_id: str) -> FloatArray:
        """Levels of one factor."""
        return self.levels[:, position("risk factor", self.ids, factor_id)]


@dataclass(frozen=True)
class CorporateAction:
    """A dividend in cash per share of the day, or a split (new shares for one old)."""

    instrument_id: str
    kind: str
    ex_date: np.datetime64
    value: float
    currency: str


@dataclass(frozen=True)
class EquityPanel:
    """Listed names. ``raw_close`` is the price as traded, in local currency.

    ``total_return`` starts at the first raw price and reinvests dividends; it does not depend on
    later events. ``volume`` counts shares of the day. ``dividends`` [day, name] is cash per share
    on ex-dates and ``split_ratios`` new shares for one old, 1 elsewhere.
    """

    ids: tuple[str, ...]
    currencies: tuple[str, ...]
    dates: NDArray[np.datetime64]
    raw_close: FloatArray
    total_return: FloatArray
    volume: FloatArray
    dividends: FloatArray
    split_ratios: FloatArray

    def __post_init__(self) -> None:
        seal(self)

    def close_of(self, instrument_id: str) -> FloatArray:
        """Prices as traded of one name."""
        return self.raw_close[:, position("listed name", self.ids, instrument_id)]

    def adjusted_close(self) -> FloatArray:
        """Prices in shares of the last day, splits taken out and dividends left in.

        This looks back from the last day, so it changes when a later split happens.
        """
        after = np.cumprod(self.split_ratios[::-1], axis=0)[::-1]
        return np.asarray(self.raw_close * self.split_ratios / after, dtype=np.float64)

    def corporate_actions(self) -> tuple[CorporateAction, ...]:
        """Splits and dividends by date, then name."""
        actions = []
        happens = (self.split_ratios != 1.0) | (self.dividends > 0.0)
        for day, column in np.argwhere(happens):
            ratio, cash = self.split_ratios[day, column], self.dividends[day, column]
            kind, value = ("split", ratio) if ratio != 1.0 else ("dividend", cash)
            actions.append(
                CorporateAction(
                    self.ids[column], kind, self.dates[day], float(value), self.currencies[column]
                )
            )
        return tuple(actions)
