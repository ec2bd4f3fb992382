"""Floating coupons of a term rate: known where they have fixed, projected where not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from riskplatform.domain.conventions import DayCount
from riskplatform.market.calendars import Adjustment, BusinessCalendar, DateArray
from riskplatform.market.daycount import CouponPeriod, FloatArray, year_fractions
from riskplatform.market.schedule import Schedule
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.market.tenors import add_months
from riskplatform.pricing.conventions import PricingConventions, Projection
from riskplatform.pricing.units.flows import Floating, Paid


def days_from(as_of: date, dates: DateArray) -> FloatArray:
    """Days to each date; negative before ``as_of``."""
    return (dates - np.datetime64(as_of)).astype(np.int64).astype(np.float64)


@dataclass(frozen=True, slots=True)
class FloatingTerms:
    """One floating leg, for whatever instrument."""

    instrument_id: str
    schedule: Schedule
    day_count: DayCount
    calendar: BusinessCalendar
    index_id: str
    discount: str
    projection: str
    notional: float = 1.0
    spread: float = 0.0
    credit: str | None = None

    def fractions(self) -> FloatArray:
        return self.schedule.year_fractions(self.day_count, self.calendar)


def floating_flows(
    terms: FloatingTerms, market: MarketSnapshot, conventions: PricingConventions
) -> tuple[list[Paid], tuple[Floating, ...]]:
    """Known amounts (spreads and fixed coupons) and the coupons still to fix."""
    market.curve(terms.discount, needed_by=terms.instrument_id)
    market.curve(terms.projection, needed_by=terms.instrument_id)
    fractions = terms.fractions()
    coupons = coupon_periods(terms, fractions, market.as_of, conventions)
    paid: list[Paid] = []
    open_coupons: list[Floating] = []
    for coupon, fraction in zip(coupons, fractions.tolist(), strict=True):
        if coupon.day <= 0:
            continue
        known = fixed_rate(coupon, terms.index_id, terms.instrument_id, market)
        rate = terms.spread if known is None else terms.spread + known
        if known is None:
            open_coupons.append(coupon)
        if rate:
            amount = terms.notional * fraction * rate
            paid.append(Paid(coupon.day, amount, terms.discount, terms.credit, coupon.day))
    return paid, tuple(open_coupons)


def coupon_periods(
    terms: FloatingTerms, fractions: FloatArray, as_of: date, conventions: PricingConventions
) -> list[Floating]:
    """Every coupon of the leg as if none had fixed."""
    schedule, calendar = terms.schedule, terms.calendar
    starts, ends = schedule.accrual[:-1], schedule.accrual[1:]
    fixing = calendar.adjust_dates(starts, Adjustment.PRECEDING)
    if conventions.fixing_lag_days:
        fixing = calendar.add_business_days_to(fixing, -conventions.fixing_lag_days)
    weights = np.full(len(schedule), terms.notional)
    if conventions.projection is Projection.INDEXED:
        ends = index_ends(starts, schedule.months, calendar)
        period = CouponPeriod(starts, ends, schedule.months)
        spans = year_fractions(terms.day_count, starts, ends, period=period, calendar=calendar)
        weights = terms.notional * fractions / spans
    columns = (
        days_from(as_of, schedule.payment).tolist(),
        weights.tolist(),
        days_from(as_of, starts).tolist(),
        days_from(as_of, ends).tolist(),
        days_from(as_of, fixing).tolist(),
    )
    return [
        Floating(
            day, weight, start, end, terms.discount, terms.projection, fixes, credit=terms.credit
        )
        for day, weight, start, end, fixes in zip(*columns, strict=True)
    ]


def index_ends(starts: DateArray, months: int, calendar: BusinessCalendar) -> DateArray:
    """Ends of the index's own periods: a start on a month's last business day ends on one."""
    next_day = calendar.adjust_dates(starts + 1, Adjustment.FOLLOWING)
    is_last = next_day.astype("datetime64[M]") != starts.astype("datetime64[M]")
    plain = calendar.adjust_dates(add_months(starts, months), Adjustment.MODIFIED_FOLLOWING)
    month = add_months(starts, months).astype("datetime64[M]")
    month_end = (month + 1).astype("datetime64[D]") - 1
    last = calendar.adjust_dates(month_end, Adjustment.PRECEDING)
    return np.asarray(np.where(is_last, last, plain))


def fixed_rate(
    coupon: Floating, index_id: str, instrument_id: str, market: MarketSnapshot
) -> float | None:
    """The published rate; None when it is still to come. One that is absent is an error."""
    if coupon.fixing_day > 0:
        return None
    if coupon.fixing_day < 0:
        day = market.as_of + timedelta(days=int(coupon.fixing_day))
        return market.fixing(index_id, day, needed_by=instrument_id)
    series = market.fixings.get(index_id)
    if series is None or not len(series.dates) or series.dates[-1] != np.datetime64(market.as_of):
        return None
    return float(series.values[-1])
