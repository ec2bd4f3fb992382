"""The quoted instruments that curves are built from, as cash-flow dates for many days at once.

Every instrument has the same anatomy: floating coupons that pay P(start)/P(end) - 1 and fixed
coupons that pay rate x accrual. ``legs`` lays these out with one row per valuation day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from riskplatform.errors import TermsError
from riskplatform.market.calendars import Adjustment, DateArray, as_dates, business_calendar
from riskplatform.market.daycount import FloatArray, year_fractions
from riskplatform.market.rate_conventions import RateConvention
from riskplatform.market.tenors import Tenor, add_months, parse_tenor


@dataclass(frozen=True, slots=True)
class Legs:
    """Cash-flow dates, (day, coupon), and accruals of one instrument."""

    floating_start: DateArray
    floating_end: DateArray
    floating_payment: DateArray
    fixed_payment: DateArray
    fixed_accrual: FloatArray


class RateInstrument(Protocol):
    """What a bootstrap needs to know of an instrument."""

    @property
    def label(self) -> str: ...

    def legs(self, as_ofs: DateArray, convention: RateConvention) -> Legs: ...

    def rate(self, quote: FloatArray) -> FloatArray: ...

    def quote(self, rate: FloatArray) -> FloatArray: ...


class _QuotedAsRate:
    __slots__ = ()

    def rate(self, quote: FloatArray) -> FloatArray:
        return quote

    def quote(self, rate: FloatArray) -> FloatArray:
        return rate


@dataclass(frozen=True, slots=True)
class Deposit(_QuotedAsRate):
    """A deposit from spot, or from ``start_lag_days`` business days (0: overnight)."""

    tenor: str
    start_lag_days: int | None = None

    @property
    def label(self) -> str:
        return f"DEP {self.tenor}"

    def legs(self, as_ofs: DateArray, convention: RateConvention) -> Legs:
        start = spot_dates(as_ofs, convention, self.start_lag_days)
        end = _end_dates(start, parse_tenor(self.tenor), convention)
        return _single_period(start, end, convention)


@dataclass(frozen=True, slots=True)
class Fra(_QuotedAsRate):
    """A forward-rate agreement, months from spot to start and to end."""

    start_months: int
    end_months: int

    @property
    def label(self) -> str:
        return f"FRA {self.start_months}x{self.end_months}"

    def legs(self, as_ofs: DateArray, convention: RateConvention) -> Legs:
        if not 0 <= self.start_months < self.end_months:
            raise TermsError(f"{self.label} does not end after it starts.")
        spot = spot_dates(as_ofs, convention)
        start = _end_dates(spot, Tenor(months=self.start_months), convention)
        end = _end_dates(spot, Tenor(months=self.end_months), convention)
        return _single_period(start, end, convention)


@dataclass(frozen=True, slots=True)
class Future:
    """The n-th quarterly IMM future (1 is the next to start), quoted as a price near 100.

    The forward rate is the futures rate less ``convexity``, which the caller gives.
    """

    number: int
    months: int = 3
    convexity: float = 0.0

    @property
    def label(self) -> str:
        return f"FUT {self.number}"

    def legs(self, as_ofs: DateArray, convention: RateConvention) -> Legs:
        start = imm_wednesdays(as_ofs, self.number)
        end = imm_wednesdays(as_ofs, self.number + self.months // 3)
        return _single_period(start, end, convention)

    def rate(self, quote: FloatArray) -> FloatArray:
        return (100.0 - quote) / 100.0 - self.convexity

    def quote(self, rate: FloatArray) -> FloatArray:
        return 100.0 - 100.0 * (rate + self.convexity)


@dataclass(frozen=True, slots=True)
class ParSwap(_QuotedAsRate):
    """A par swap from spot, fixed against the index; an OIS where the index is overnight."""

    tenor: str

    @property
    def label(self) -> str:
        return f"SWAP {self.tenor}"

    def legs(self, as_ofs: DateArray, convention: RateConvention) -> Legs:
        tenor = parse_tenor(self.tenor)
        start = spot_dates(as_ofs, convention)
        end = _end_dates(start, tenor, convention, adjusted=False)
        floating = _roll_back(start, end, tenor.months, convention.floating_months, convention)
        fixed = _roll_back(start, end, tenor.months, convention.fixed_months, convention)
        return Legs(
            floating[:, :-1],
            floating[:, 1:],
            _payment_dates(floating[:, 1:], convention),
            _payment_dates(fixed[:, 1:], convention),
            year_fractions(convention.fixed_day_count, fixed[:, :-1], fixed[:, 1:]),
        )


def spot_dates(
    as_ofs: DateArray, convention: RateConvention, lag_days: int | None = None
) -> DateArray:
    """The day on which instruments traded today start."""
    calendar = business_calendar(convention.calendar)
    today = calendar.adjust_dates(as_ofs, Adjustment.FOLLOWING)
    lag = convention.spot_lag_days if lag_days is None else lag_days
    return calendar.add_business_days_to(today, lag)


def imm_wednesdays(as_ofs: DateArray, number: int) -> DateArray:
    """The n-th third Wednesday of March, June, September, December after each day."""
    month = as_ofs.astype("datetime64[M]")
    quarter_end = month + (2 - month.astype(np.int64) % 3)
    this_quarter = _third_wednesday(quarter_end)
    skipped = np.where(this_quarter > as_ofs, number - 1, number)
    return _third_wednesday(quarter_end + 3 * skipped)


def _third_wednesday(month: np.ndarray) -> DateArray:
    fifteenth = month.astype("datetime64[D]") + 14
    # 1970-01-01 was a Thursday, so weekday 6 of that count is a Wednesday.
    return as_dates(fifteenth + (6 - fifteenth.astype(np.int64)) % 7)


def _end_dates(
    start: DateArray, tenor: Tenor, convention: RateConvention, *, adjusted: bool = True
) -> DateArray:
    calendar = business_calendar(convention.calendar)
    if tenor.business_days:
        return calendar.add_business_days_to(start, tenor.business_days)
    if tenor.calendar_days:
        end = start + tenor.calendar_days
    else:
        # Swaps (not adjusted here) count from the same day of the month even at its end.
        end = add_months(start, tenor.months, end_of_month=adjusted and convention.end_of_month)
    return calendar.adjust_dates(end, convention.adjustment) if adjusted else end


def _roll_back(
    start: DateArray, end: DateArray, tenor_months: int, months: int, convention: RateConvention
) -> DateArray:
    """Accrual boundaries counted back from the end, so that an odd period comes first."""
    count = max(1, -(-tenor_months // months))
    later = [add_months(end, -step * months) for step in range(count - 1, 0, -1)]
    boundaries = np.stack([start, *later, end], axis=1)
    return business_calendar(convention.calendar).adjust_dates(boundaries, convention.adjustment)


def _payment_dates(ends: DateArray, convention: RateConvention) -> DateArray:
    if not convention.payment_lag_days:
        return ends
    calendar = business_calendar(convention.calendar)
    return calendar.add_business_days_to(ends, convention.payment_lag_days)


def _single_period(start: DateArray, end: DateArray, convention: RateConvention) -> Legs:
    accrual = year_fractions(convention.index_day_count, start, end)
    first, last = start[:, None], end[:, None]
    return Legs(first, last, last, last, accrual[:, None])
