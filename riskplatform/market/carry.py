"""What holding an underlying earns: dividends, borrow fees or convenience, as one yield curve.

Between nodes yield times time is linear (a constant forward yield in each segment); before the
first and after the last node the yield is flat. Cash dividends may be listed beside the yield.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import DataError
from riskplatform.market.content import Content, FloatArray, frozen_array, increasing_array


class Discounting(Protocol):
    """A discount curve, as far as a forward needs one."""

    def discount(self, t: ArrayLike) -> FloatArray: ...


@dataclass(frozen=True, slots=True, eq=False)
class CarryCurve(Content):
    """Continuously compounded yields by year fraction, and cash dividends at ``dividend_times``."""

    underlying_id: str
    as_of: date
    times: FloatArray
    yields: FloatArray
    dividend_times: FloatArray = field(default_factory=lambda: np.empty(0))
    dividend_amounts: FloatArray = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        name = f"The carry of {self.underlying_id}"
        times = increasing_array(self.times, what=f"{name}: times")
        if times[0] <= 0:
            raise DataError(f"{name} has a node at {times[0]} years; all must lie after today.")
        object.__setattr__(self, "times", times)
        yields = frozen_array(self.yields, what=f"{name}: yields", shape=times.shape)
        object.__setattr__(self, "yields", yields)
        due = frozen_array(self.dividend_times, what=f"{name}: dividend times")
        paid = frozen_array(
            self.dividend_amounts, what=f"{name}: dividend amounts", shape=due.shape
        )
        object.__setattr__(self, "dividend_times", due)
        object.__setattr__(self, "dividend_amounts", paid)

    @classmethod
    def flat(cls, underlying_id: str, as_of: date, yield_: float) -> CarryCurve:
        """One yield for every time."""
        return cls(underlying_id, as_of, np.array([1.0]), np.array([yield_]))

    @classmethod
    def from_forwards(
        cls,
        underlying_id: str,
        as_of: date,
        spot: float,
        times: ArrayLike,
        forwards: ArrayLike,
        curve: Discounting,
    ) -> CarryCurve:
        """The yields that reproduce quoted forward or futures prices."""
        when = increasing_array(times, what=f"The forwards of {underlying_id}: times")
        prices = frozen_array(forwards, what=f"The forwards of {underlying_id}", shape=when.shape)
        if spot <= 0 or (prices <= 0).any():
            raise DataError(f"The spot and forwards of {underlying_id} must be positive.")
        yields = -np.log(prices * np.asarray(curve.discount(when)) / spot) / when
        return cls(underlying_id, as_of, when, yields)

    def yield_(self, t: ArrayLike) -> FloatArray:
        """Average yield from today to ``t``."""
        return self._accrued(t)[1]

    def growth(self, t: ArrayLike) -> FloatArray:
        """exp(-yield * t): the share of the underlying to hold now to own one at ``t``."""
        return np.exp(-self._accrued(t)[0])

    def forward(self, spot: ArrayLike, curve: Discounting, t: ArrayLike) -> FloatArray:
        """The forward price for delivery at ``t``.

        Holding ``growth(t)`` units and reinvesting the yield gives one unit at ``t``; the cash
        dividends received on the way, carried forward at the curve, are taken off.
        """
        time = np.asarray(t, dtype=float)
        growth = self.growth(time)
        result = np.asarray(spot, dtype=float) * growth
        ahead = self.dividend_times > 0
        if ahead.any():
            paid = self.dividend_times[ahead]
            worth = self.dividend_amounts[ahead] * curve.discount(paid) / self.growth(paid)
            result = result - growth * np.where(paid <= time[..., None], worth, 0.0).sum(axis=-1)
        return np.asarray(result / np.asarray(curve.discount(time)))

    def shifted(self, shift: float) -> CarryCurve:
        """All yields moved by ``shift`` (0.01 is one per cent a year)."""
        return CarryCurve(
            self.underlying_id,
            self.as_of,
            self.times,
            self.yields + shift,
            self.dividend_times,
            self.dividend_amounts,
        )

    def _accrued(self, t: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Yield times time, and the average yield, at ``t``."""
        time = np.asarray(t, dtype=float)
        inside = np.clip(time, self.times[0], self.times[-1])
        average = np.interp(inside, self.times, self.yields * self.times) / inside
        return average * time, average
