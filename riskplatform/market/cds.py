"""A standard credit-default swap: dates and the ISDA standard model's two legs.

Coupons fall on the 20th of March, June, September and December (next weekday), accrue Act/360 from
the date before the trade, the last one including the maturity; protection starts at once; accrued
premium is paid on default and rebated at cash settlement on the third day. Between the nodes of
the curves the forward and hazard rates are constant, so both legs are exact sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from riskplatform.errors import UserInputError
from riskplatform.market.calendars import Adjustment, BusinessCalendar, DateArray, as_dates
from riskplatform.market.credit import CreditCurve
from riskplatform.market.curves import DAYS_PER_YEAR, Curve, time_from
from riskplatform.market.interpolation import FloatArray, IntArray
from riskplatform.market.tenors import add_months, parse_tenor

_COUPON_DAY = 20
_SETTLEMENT_DAYS = 3
_ACT_360_PER_ACT_365 = 365.0 / 360.0
# Below this the closed forms lose digits and their series is exact to 1e-17.
_SMALL = 1e-3


@dataclass(frozen=True, slots=True)
class CdsLegs:
    """One contract on a day, laid out on a grid of times on which all rates are constant."""

    maturity: date
    grid: FloatArray
    grid_log_discount: FloatArray
    accrued_since: FloatArray
    observed: IntArray
    coupon_value: FloatArray
    rebate: float

    @property
    def maturity_time(self) -> float:
        return float(self.grid[-1])

    def values(
        self, cumulative: npt.NDArray[np.inexact]
    ) -> tuple[npt.NDArray[np.inexact], npt.NDArray[np.inexact]]:
        """Protection per unit of loss, and premium per unit of spread less the accrued rebate.

        ``cumulative`` is the integrated hazard at the grid in its last axis.
        """
        width = np.diff(self.grid)
        hazard = np.diff(cumulative)
        decay = hazard - np.diff(self.grid_log_discount)
        alive = np.exp(self.grid_log_discount - cumulative)[..., :-1]
        at_once, later = _decay_integrals(decay)
        defaulted = hazard * alive * at_once
        accrued = hazard * alive * later * width
        accrued = (accrued + defaulted * self.accrued_since).sum(axis=-1) * _ACT_360_PER_ACT_365
        coupons = (self.coupon_value * np.exp(-cumulative[..., self.observed])).sum(axis=-1)
        return defaulted.sum(axis=-1), coupons + accrued - self.rebate


def cds_maturity(as_of: date, tenor: str) -> date:
    """The standard maturity since 2015: the tenor from the last 20 June or December roll."""
    months = parse_tenor(tenor).months
    if not months or months % 6:
        raise UserInputError(
            f"A CDS tenor of {tenor} was asked.", hint="6M or a whole number of half years is."
        )
    rolled_march = as_of >= date(as_of.year, 3, _COUPON_DAY)
    rolled_september = as_of >= date(as_of.year, 9, _COUPON_DAY)
    base = (
        date(as_of.year, 6, _COUPON_DAY) if rolled_march else date(as_of.year - 1, 12, _COUPON_DAY)
    )
    if rolled_september:
        base = date(as_of.year, 12, _COUPON_DAY)
    maturity = add_months(base, months).item()
    assert isinstance(maturity, date)
    return maturity


def cds_legs(
    as_of: date,
    tenor: str,
    discount: Curve,
    calendar: BusinessCalendar,
    hazard_times: FloatArray | None = None,
) -> CdsLegs:
    """The contract of that tenor; ``hazard_times`` are the nodes of the credit curve it meets."""
    maturity = cds_maturity(as_of, tenor)
    starts, ends, payments = _coupon_dates(as_of, maturity, calendar)
    # A default is seen at the end of a day, so a coupon is owed if the issuer outlives the eve.
    observed = time_from(as_of, ends - 1)
    horizon = float(observed[-1])
    inner = [observed, discount.times]
    if hazard_times is not None:
        inner.append(hazard_times)
    points = np.concatenate(inner)
    grid = np.unique(np.concatenate([[0.0], points[points < horizon], [horizon]]))
    coupon_of = np.minimum(np.searchsorted(observed, grid[:-1], side="right"), len(observed) - 1)
    # Half a day's bias: defaults come through the day, not at its end (the standard model's).
    accrual_start = time_from(as_of, starts - 1) - 0.5 / DAYS_PER_YEAR
    accrual = (ends - starts).astype(np.float64) / 360.0
    settled = calendar.add_business_days(as_of, _SETTLEMENT_DAYS)
    accrued_days = int((np.datetime64(as_of) + 1 - starts[0]).astype(np.int64))
    return CdsLegs(
        maturity=maturity,
        grid=grid,
        grid_log_discount=discount.log_discount(grid),
        accrued_since=grid[:-1] - accrual_start[coupon_of],
        observed=np.searchsorted(grid, observed).astype(np.int64),
        coupon_value=accrual * discount.discount(time_from(as_of, payments)),
        rebate=accrued_days / 360.0 * float(discount.discount(time_from(as_of, settled))),
    )


def cds_par_spread(
    curve: CreditCurve, discount: Curve, tenor: str, calendar: BusinessCalendar
) -> float:
    """The running spread at which a new standard contract is worth zero."""
    legs = cds_legs(curve.as_of, tenor, discount, calendar, curve.times)
    protection, premium = legs.values(curve.cumulative_hazard(legs.grid))
    return float((1 - curve.recovery) * protection / premium)


def _coupon_dates(
    as_of: date, maturity: date, calendar: BusinessCalendar
) -> tuple[DateArray, DateArray, DateArray]:
    """Accrual starts, accrual ends (the last day included in the last one) and payments."""
    step_in = np.datetime64(as_of) + 1
    span = (np.datetime64(maturity, "M") - np.datetime64(as_of, "M")).astype(np.int64)
    count = int(span) // 3 + 2
    twentieths = add_months(maturity, -3 * np.arange(count, -1, -1))
    adjusted = calendar.adjust_dates(twentieths, Adjustment.FOLLOWING)
    first = int(np.searchsorted(adjusted, step_in, side="right")) - 1
    boundaries = adjusted[first:]
    ends = boundaries[1:].copy()
    ends[-1] = np.datetime64(maturity) + 1
    return boundaries[:-1], as_dates(ends), boundaries[1:]


def _decay_integrals(
    x: npt.NDArray[np.inexact],
) -> tuple[npt.NDArray[np.inexact], npt.NDArray[np.inexact]]:
    """Integrals over u in [0, 1] of exp(-x u) and of u exp(-x u)."""
    small = np.abs(x) < _SMALL
    safe = np.where(small, 1.0, x)
    fall = -np.expm1(-safe)
    first = np.where(small, 1 - x / 2 * (1 - x / 3 * (1 - x / 4 * (1 - x / 5))), fall / safe)
    second_closed = (fall / safe - np.exp(-safe)) / safe
    series = 1 / 2 - x / 3 + x**2 / 8 - x**3 / 30 + x**4 / 144
    return first, np.where(small, series, second_closed)
