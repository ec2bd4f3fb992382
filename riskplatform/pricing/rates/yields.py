"""Bonds by yield, in the convention of their street: unadjusted coupon dates, compounded.

A yield is compounded ``frequency`` times a year (simple conventions are not offered); time to the
next coupon is the share of the period that is left, each further coupon one period more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.optimize import brentq

from riskplatform.domain.conventions import DayCount
from riskplatform.domain.instruments import FixedBond, ZeroBond
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import DataError, TermsError
from riskplatform.market.calendars import as_dates, business_calendar
from riskplatform.market.daycount import CouponPeriod, FloatArray, day_count, year_fractions
from riskplatform.pricing.conventions import PricingConventions
from riskplatform.pricing.rates.bonds import bond_schedule, coupon_rates

_LOWEST, _HIGHEST = -0.99, 100.0


@dataclass(frozen=True, slots=True, eq=False)
class YieldTerms:
    """Per 100 of face: amounts, their times in years from settlement, and accrued interest."""

    instrument_id: str
    frequency: int
    times: FloatArray
    amounts: FloatArray
    accrued: float

    def dirty(self, rate: float) -> float:
        return float((self.amounts * self._factors(rate)).sum())

    def clean(self, rate: float) -> float:
        return self.dirty(rate) - self.accrued

    def modified_duration(self, rate: float) -> float:
        """Relative fall of the dirty price per 1.0 of yield."""
        growth = 1.0 + rate / self.frequency
        weighted = self.times * self.amounts * self._factors(rate)
        return float(weighted.sum()) / (growth * self.dirty(rate))

    def convexity(self, rate: float) -> float:
        """Second derivative of the dirty price by yield, over the price."""
        growth = 1.0 + rate / self.frequency
        weights = self.times * (self.times + 1.0 / self.frequency)
        weighted = weights * self.amounts * self._factors(rate)
        return float(weighted.sum()) / (growth**2 * self.dirty(rate))

    def yield_from_clean(self, clean: float) -> float | Failure:
        """The yield at which the bond costs ``clean``."""
        if not np.isfinite(clean) or clean + self.accrued <= 0:
            message = f"{self.instrument_id} has no yield at a price of {clean}."
            return Failure(FailureReason.INVALID_DATA, message, self.instrument_id)
        lowest = _LOWEST * self.frequency
        if (self.clean(lowest) - clean) * (self.clean(_HIGHEST) - clean) > 0:
            message = (
                f"{self.instrument_id} at {clean} has no yield between {lowest:.0%} and "
                f"{_HIGHEST:.0%}."
            )
            return Failure(FailureReason.CALCULATION_FAILED, message, self.instrument_id)
        found = brentq(lambda rate: self.clean(rate) - clean, lowest, _HIGHEST, xtol=1e-15)
        return float(found)

    def _factors(self, rate: float) -> FloatArray:
        return np.asarray((1.0 + rate / self.frequency) ** (-self.frequency * self.times))


def yield_terms(bond: FixedBond | ZeroBond, settlement: date) -> YieldTerms:
    """What a buyer who settles on that day receives."""
    if settlement >= bond.maturity:
        raise DataError(
            f"{bond.instrument_id} matures on {bond.maturity} and was asked on {settlement}."
        )
    today = np.datetime64(settlement)
    if isinstance(bond, ZeroBond):
        years = year_fractions(DayCount.ACT_365F, [today], as_dates([bond.maturity]))
        return YieldTerms(bond.instrument_id, 1, years, np.array([bond.redemption]), 0.0)
    rule, calendar = day_count(bond.day_count), business_calendar(bond.calendar)
    schedule = bond_schedule(bond, PricingConventions())
    bounds = schedule.unadjusted
    fractions = schedule.year_fractions(rule, calendar)
    left = bounds[1:] > today
    first = int(np.argmax(left))
    if not fractions[first] > 0:
        raise TermsError(f"{bond.instrument_id} has a coupon period without length.")
    whole = CouponPeriod(
        schedule.regular_start[first], schedule.regular_end[first], schedule.months
    )
    # Before its issue nothing has accrued, and the first coupon is more than one period away.
    ends = sorted([today, bounds[first]])
    gap = year_fractions(rule, ends[:1], ends[1:], period=whole, calendar=calendar)
    begun = float(gap[0]) if bounds[first] <= today else -float(gap[0])
    rates = coupon_rates(bond, bounds[:-1])
    amounts = (100.0 * rates * fractions)[left]
    amounts[-1] += bond.redemption
    regular = year_fractions(rule, [whole.start], [whole.end], period=whole, calendar=calendar)
    to_next = (float(fractions[first]) - begun) / (float(regular[0]) * bond.frequency)
    times = to_next + np.arange(int(left.sum())) / bond.frequency
    accrued = 100.0 * float(rates[first]) * max(begun, 0.0)
    return YieldTerms(bond.instrument_id, bond.frequency, times, amounts, accrued)
