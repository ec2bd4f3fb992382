"""How one limit's number moves along trades, and how many lots of each it still allows."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from riskplatform.domain.instruments import cash_id
from riskplatform.domain.limits import Direction, Limit
from riskplatform.errors import MissingDataError
from riskplatform.market.content import FloatArray
from riskplatform.risk.limits.gauges import BoolArray, Gauge, Linear, OfGains, OfTail
from riskplatform.risk.limits.headroom_search import MOST_LOTS, Rows, largest_fit, relief
from riskplatform.risk.state import BookState


@dataclass(frozen=True, slots=True, eq=False)
class Trades:
    """One lot of each of ``places`` and what pays for it: ``steps`` [trade, instrument].

    The gains of a lot [trade, scenario] are made once for each view, when a limit asks.
    """

    state: BookState
    places: NDArray[np.intp]
    lot: float
    steps: sparse.csr_matrix
    gains: dict[str, FloatArray] = field(default_factory=dict)

    @classmethod
    def of(cls, state: BookState, places: NDArray[np.intp], lot: float, *, paid: bool) -> Trades:
        """``paid``: the price is taken from cash in the instrument's currency, where it is held."""
        book = state.book
        known = {name: i for i, name in enumerate(book.instrument_ids)}
        rows, columns, much = (
            list(range(places.size)),
            [int(i) for i in places],
            [lot] * places.size,
        )
        for row, place in enumerate(places) if paid else ():
            cash = known.get(cash_id(str(book.attributes["currency"].iloc[place])))
            price = book.known.values[place]
            if cash is not None and cash != place and np.isfinite(price):
                rate = book.known.values[cash]
                if rate > 0.0:
                    rows.append(row)
                    columns.append(cash)
                    much.append(-lot * price / rate)
        shape = (places.size, len(book.instrument_ids))
        return cls(state, places, lot, sparse.csr_matrix((much, (rows, columns)), shape))

    def unit_gains(self, view: str) -> FloatArray:
        if view not in self.gains:
            self.gains[view] = self.state.book.view(view).of(self.steps)
        return self.gains[view]


@dataclass(frozen=True, slots=True, eq=False)
class Allowed:
    """Lots of each trade. ``cured_at`` is where a breached limit is kept again, if anywhere."""

    most: FloatArray
    cured_at: FloatArray
    worsens: BoolArray


class Along:
    """One limit along trades; ``now`` is its excess without any, above zero if it is breached."""

    def __init__(self, limit: Limit, gauge: Gauge, trades: Trades, *, soft: bool) -> None:
        self.limit = limit
        self.bound = limit.soft if soft and limit.soft is not None else limit.hard
        self._figure = gauge.figure
        if isinstance(gauge, OfGains | OfTail):
            self._base = gains_of(trades.state, limit.node, gauge.view)
            self._step = trades.unit_gains(gauge.view)
        else:
            self._base = held_of(trades.state, limit.node)
            self._step = np.asarray(trades.steps.todense())
        self._per_lot = (
            np.asarray(trades.steps @ gauge.per_unit) if isinstance(gauge, Linear) else None
        )
        self._count = trades.places.size
        self._value = float(self._figure(self._base))
        self.now = limit.excess(self._value, self.bound)

    def excess(self, lots: FloatArray, rows: Rows) -> FloatArray:
        """By how much the limit is passed after so many lots, signed, of some of the trades."""
        values = self._figure(self._base + lots[:, None] * self._step[rows])
        if self.limit.direction is Direction.MIN:
            return self.bound - values
        return np.asarray(
            (np.abs(values) if self.limit.direction is Direction.ABSOLUTE else values) - self.bound
        )

    def allowed(self, sign: float, cap: FloatArray) -> Allowed:
        """How many lots, up to ``cap``, may be bought (``sign`` 1) or sold (-1)."""
        if self.now > 0.0:
            return self._of_breached(sign)
        if self._per_lot is not None:
            most = self._closed_form(sign, cap)
        else:
            start = np.full(self._count, self.now)
            most = largest_fit(lambda lots, rows: self.excess(sign * lots, rows), start, cap)
        return Allowed(most, np.full(self._count, np.nan), np.zeros(self._count, np.bool_))

    def _of_breached(self, sign: float) -> Allowed:
        """What leaves it no worse than it is, or brings it back and keeps it there."""
        rows = np.arange(self._count)
        worsens = self.excess(np.full(self._count, sign), rows) > self.now
        most, cured_at = np.zeros(self._count), np.full(self._count, np.nan)
        for row in rows[~worsens]:
            most[row], cured_at[row] = relief(partial(self._one, sign, row), self.now)
        return Allowed(most, cured_at, worsens)

    def _one(self, sign: float, row: int, lots: float) -> float:
        return float(self.excess(np.array([sign * lots]), np.array([row]))[0])

    def _closed_form(self, sign: float, cap: FloatArray) -> FloatArray:
        """Room over effect, put right by a lot where rounding at the edge says otherwise."""
        per_lot = sign * np.asarray(self._per_lot)
        match self.limit.direction:
            case Direction.MIN:
                room, speed = np.full(self._count, self._value - self.bound), -per_lot
            case Direction.ABSOLUTE:
                room, speed = self.bound - np.sign(per_lot) * self._value, np.abs(per_lot)
            case _:
                room, speed = np.full(self._count, self.bound - self._value), per_lot
        most = np.full(self._count, np.inf)
        np.divide(room, speed, out=most, where=speed > 0.0)
        most = np.where(most > MOST_LOTS, np.inf, np.floor(most))
        rows = np.flatnonzero(most < cap)
        for _ in range(2):
            fits = self.excess(sign * most[rows], rows) <= 0.0
            more = self.excess(sign * (most[rows] + 1.0), rows) <= 0.0
            most[rows] += np.where(fits, np.where(more, 1.0, 0.0), -1.0)
        return np.asarray(np.maximum(most, 0.0))


def held_of(state: BookState, node: str) -> FloatArray:
    """A node that holds nothing yet can still be traded in."""
    try:
        return state.held_by(node)
    except MissingDataError:
        return np.zeros(len(state.book.instrument_ids))


def gains_of(state: BookState, node: str, view: str) -> FloatArray:
    """In each scenario; of a node that holds nothing, nothing."""
    try:
        return state.gains(node, view)
    except MissingDataError:
        return np.zeros(len(state.book.view(view).labels))
