"""Accrued interest of bonds: what a buyer pays on top of the clean price.

Interest accrues to the as-of date itself, by unadjusted coupon dates, per 100 of face. One call
serves a single day or a history of days.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from riskplatform.domain.conventions import DayCount
from riskplatform.domain.instruments import Bond, FixedBond, FloatingBond
from riskplatform.market.calendars import DateArray, as_dates, business_calendar
from riskplatform.market.daycount import (
    CouponPeriod,
    FloatArray,
    day_count,
    year_fractions,
)
from riskplatform.market.schedule import Schedule, coupon_schedule

Fixing = Callable[[str, date], float]
"""(index id, day on which the period starts) to the fixed rate; raises MissingDataError."""


def accrued_interest(bond: Bond, as_of: date, fixing: Fixing) -> float:
    """Interest accrued per 100 of face on ``as_of``; none before issue or from maturity on."""
    return float(accrued_path(bond, as_dates([as_of]), fixing)[0])


def accrued_path(bond: Bond, days: DateArray, fixing: Fixing) -> FloatArray:
    """Interest accrued per 100 of face on each of ``days``."""
    accrued = np.zeros(len(days))
    if not isinstance(bond, FixedBond | FloatingBond):
        return accrued
    alive = (days > as_dates(bond.issue_date)) & (days < as_dates(bond.maturity))
    if not alive.any():
        return accrued
    schedule = _schedule(bond)
    starts = schedule.unadjusted
    period = np.searchsorted(starts, days[alive], side="right") - 1
    rule = day_count(bond.day_count)
    whole = None
    if rule is DayCount.ACT_ACT_ICMA:
        whole = CouponPeriod(
            schedule.regular_start[period], schedule.regular_end[period], schedule.months
        )
    fraction = year_fractions(rule, starts[period], days[alive], period=whole)
    current, which = np.unique(period, return_inverse=True)
    rates = np.array([_rate(bond, starts[index].item(), fixing) for index in current])
    accrued[alive] = 100.0 * rates[which] * fraction
    return accrued


def _rate(bond: FixedBond | FloatingBond, start: date, fixing: Fixing) -> float:
    """The coupon of the period that starts on ``start``."""
    if isinstance(bond, FloatingBond):
        return fixing(bond.index_id, start) + bond.spread
    reached = [rate for since, rate in bond.steps if since <= start]
    return reached[-1] if reached else bond.coupon_rate


def _schedule(bond: FixedBond | FloatingBond) -> Schedule:
    # Accrual ignores holidays, so any calendar serves; that without holidays is the cheapest.
    return coupon_schedule(
        bond.issue_date,
        bond.maturity,
        months=12 // bond.frequency,
        calendar=business_calendar("WEEKENDS"),
        adjust_accrual=False,
        end_of_month=True,
    )
