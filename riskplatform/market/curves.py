"""An interest-rate curve as of one day: zero rates at nodes and a named interpolation.

Rates are continuously compounded, times are Act/365F year fractions from ``as_of``. A curve is
immutable, never holds or returns NaN, and knows its content hash.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from riskplatform.errors import DataError, UserInputError
from riskplatform.market.calendars import as_dates
from riskplatform.market.interpolation import (
    FloatArray,
    Interpolation,
    instantaneous_forward,
    interpolation_rule,
    log_discount,
    log_discount_jacobian,
)

DAYS_PER_YEAR = 365.0
BASIS_POINT = 1e-4


def time_from(as_of: date, dates: object) -> FloatArray:
    """Act/365F years from ``as_of`` to each date."""
    days = (as_dates(dates) - np.datetime64(as_of)).astype(np.int64)
    return np.asarray(days / DAYS_PER_YEAR, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """``zero_rates[i]`` holds at ``times[i]``; two curves are equal when their content is."""

    curve_id: str
    as_of: date
    times: FloatArray
    zero_rates: FloatArray
    interpolation: Interpolation = Interpolation.LOG_LINEAR_DISCOUNT

    def __post_init__(self) -> None:
        times, rates = frozen_array(self.times), frozen_array(self.zero_rates)
        check_nodes(f"Curve {self.curve_id} of {self.as_of}", times, rates, "zero rate")
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "zero_rates", rates)
        object.__setattr__(self, "interpolation", interpolation_rule(self.interpolation))

    def log_discount(self, t: npt.ArrayLike) -> FloatArray:
        return log_discount(self.interpolation, self.times, self.zero_rates, self._checked(t))

    def discount(self, t: npt.ArrayLike) -> FloatArray:
        """Value today of 1 paid at each ``t``."""
        return np.exp(self.log_discount(t))

    def zero(self, t: npt.ArrayLike) -> FloatArray:
        """Continuously compounded zero rate; at 0 the instantaneous rate."""
        at = self._checked(t)
        positive = np.where(at > 0, at, 1.0)
        rate = -self.log_discount(positive) / positive
        return np.where(at > 0, rate, self.instantaneous_forward(0.0))[()]

    def forward(self, start: npt.ArrayLike, end: npt.ArrayLike) -> FloatArray:
        """Continuously compounded rate between two times."""
        return -self._log_ratio(start, end) / self._length(start, end)

    def simple_forward(
        self, start: npt.ArrayLike, end: npt.ArrayLike, accrual: npt.ArrayLike | None = None
    ) -> FloatArray:
        """Simple rate between two times, per year of ``accrual`` (default: Act/365F)."""
        length = self._length(start, end)
        years = length if accrual is None else np.asarray(accrual, dtype=np.float64)
        return np.asarray(np.expm1(-self._log_ratio(start, end)) / years)[()]

    def instantaneous_forward(self, t: npt.ArrayLike) -> FloatArray:
        at = self._checked(t)
        return instantaneous_forward(self.interpolation, self.times, self.zero_rates, at)

    def par_swap_rate(
        self, payment_times: npt.ArrayLike, accruals: npt.ArrayLike, start: float = 0.0
    ) -> float:
        """Fixed rate that makes a swap against this curve's own floating leg worth zero."""
        discounts = self.discount(payment_times)
        annuity = float(np.sum(np.asarray(accruals) * discounts))
        return float((self.discount(start) - discounts[-1]) / annuity)

    def node_jacobian(self, t: npt.ArrayLike) -> FloatArray:
        """Derivative of the log discount by each node's zero rate: one row per ``t``."""
        at = np.atleast_1d(self._checked(t))
        return log_discount_jacobian(self.interpolation, self.times, self.zero_rates, at)

    def shifted(self, shift_bp: npt.ArrayLike) -> Curve:
        """Zero rates moved by one number (parallel) or by one number per node."""
        shift = np.asarray(shift_bp, dtype=np.float64) * BASIS_POINT
        if shift.shape not in ((), self.times.shape):
            raise UserInputError(
                f"Curve {self.curve_id} was to be shifted by {shift.shape} numbers; one number or "
                f"one for each of its {len(self.times)} nodes is accepted."
            )
        return replace(self, zero_rates=self.zero_rates + shift)

    def rolled(self, days: int) -> Curve:
        """The curve in ``days`` if today's forwards come true (exact at the nodes)."""
        elapsed = days / DAYS_PER_YEAR
        if days < 0 or elapsed >= self.times[-1]:
            raise UserInputError(
                f"Curve {self.curve_id} was to be rolled {days} days; 0 to "
                f"{int(self.times[-1] * DAYS_PER_YEAR) - 1} are accepted."
            )
        later = self.times[self.times > elapsed]
        times = later - elapsed
        rates = -(self.log_discount(later) - self.log_discount(elapsed)) / times
        return replace(self, as_of=self.as_of + timedelta(days=days), times=times, zero_rates=rates)

    def rebased(self, as_of: date) -> Curve:
        """The same rates by time to maturity, seen from another day."""
        return replace(self, as_of=as_of)

    def content_hash(self) -> str:
        """SHA-256 of identity, nodes and rule: equal content, equal hash, on every machine."""
        head = f"curve|{self.curve_id}|{self.as_of.isoformat()}|{self.interpolation.value}|"
        return hash_of(head, self.times, self.zero_rates)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Curve) and self.content_hash() == other.content_hash()

    def __hash__(self) -> int:
        return hash(self.content_hash())

    def _checked(self, t: npt.ArrayLike) -> FloatArray:
        return checked_times(f"Curve {self.curve_id} of {self.as_of}", t)

    def _log_ratio(self, start: npt.ArrayLike, end: npt.ArrayLike) -> FloatArray:
        return self.log_discount(end) - self.log_discount(start)

    def _length(self, start: npt.ArrayLike, end: npt.ArrayLike) -> FloatArray:
        length = self._checked(end) - self._checked(start)
        if not np.all(length > 0):
            raise UserInputError(
                f"A forward rate of {self.curve_id} was asked over a period that does not end "
                "after it starts."
            )
        return length


def frozen_array(values: npt.ArrayLike) -> FloatArray:
    """A private, read-only copy."""
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array


def checked_times(subject: str, t: npt.ArrayLike) -> FloatArray:
    """``t`` as an array of times that a curve can answer for."""
    at = np.asarray(t, dtype=np.float64)
    if not np.all((at >= 0) & np.isfinite(at)):
        raise UserInputError(
            f"{subject} was asked at time {_first_bad(at, at >= 0)}.",
            hint="Times are years from the curve's day: 0 or more.",
        )
    return at


def check_nodes(subject: str, times: FloatArray, values: FloatArray, what: str) -> None:
    """Refuse nodes that do not describe a curve."""
    if times.ndim != 1 or times.shape != values.shape or not times.size:
        raise DataError(
            f"{subject} has {times.size} times and {values.size} {what}s; one {what} for "
            "each of one or more times is accepted."
        )
    if not np.all(np.isfinite(values)):
        bad = int(np.argmin(np.isfinite(values)))
        raise DataError(f"{subject} has the {what} {values[bad]} at time {times[bad]:.6g}.")
    if not (np.all(np.isfinite(times)) and times[0] > 0 and np.all(np.diff(times) > 0)):
        raise DataError(f"{subject} has times that do not increase from above 0: {times.tolist()}.")


def hash_of(head: str, *arrays: FloatArray) -> str:
    """SHA-256 over text and the little-endian bytes of arrays, each with its length."""
    digest = hashlib.sha256(head.encode())
    for array in arrays:
        digest.update(f"{array.size}:".encode())
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()


def _first_bad(values: FloatArray, good: npt.NDArray[np.bool_]) -> float:
    bad = values[~(good & np.isfinite(values))]
    return float(bad.flat[0])
