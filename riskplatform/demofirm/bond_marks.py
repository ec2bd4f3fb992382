"""Clean prices of bonds from the curves and spreads of every day.

A coupon belongs to its holder until the date on which it falls due, be that a holiday; from then
on it is neither in the price nor in the accrued interest, but cash.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from riskplatform.demofirm.stage import Item, RowArray, Stage
from riskplatform.domain.instruments import Bond, FixedBond, FloatingBond
from riskplatform.market.calendars import DateArray, as_dates, business_calendar
from riskplatform.market.daycount import day_count
from riskplatform.market.schedule import Schedule, coupon_schedule
from riskplatform.pricing.accrued import accrued_path
from riskplatform.pricing.formulas.arrays import FloatArray
from riskplatform.pricing.formulas.cashflows import (
    discount_factors,
    risky_present_value,
    survival,
)

_DECIMALS = 4
_ZERO_GRID_MONTHS = 6


@dataclass(frozen=True)
class Flows:
    """Payments per 100 of face: ``due`` is when the holder is entitled, ``paid`` when it comes.

    ``amounts`` is [flow], without coupons of a floater that are not fixed yet.
    """

    due: DateArray
    paid: DateArray
    amounts: FloatArray


def clean_prices(stage: Stage, item: Item) -> FloatArray:
    """Clean price per 100 on the rows of a bond; the redemption on its last day."""
    bond = item.instrument
    assert isinstance(bond, Bond)
    rows = np.arange(item.first, item.last + 1)
    days = stage.history.dates[rows]
    schedule = schedule_of(bond)
    due, paid = schedule.unadjusted[1:], schedule.payment
    years = (paid - days[:, np.newaxis]).astype(np.float64) / 365.0
    alive = due > days[:, np.newaxis]
    amounts = np.where(alive, _coupons(stage, bond, schedule, rows), 0.0)
    amounts[:, -1] += np.where(alive[:, -1], bond.redemption, 0.0)
    curves = stage.history.curves
    discounts = discount_factors(years, curves.times, curves.of(bond.discount_curve_id)[rows])
    if bond.credit_curve_id is None:
        value = (amounts * discounts).sum(axis=1)
    else:
        value = _risky(stage, bond, rows, years, amounts, discounts)
    accrued = accrued_path(bond, days, lambda index, start: fixing(stage, index, start))
    clean = np.where(alive[:, -1], value - accrued, bond.redemption)
    return np.asarray(np.round(clean, _DECIMALS))


def schedule_of(bond: Bond) -> Schedule:
    """Coupon dates; those of a zero bond only divide its life, for defaults within it."""
    months = 12 // bond.frequency if isinstance(bond, FixedBond | FloatingBond) else 0
    return coupon_schedule(
        bond.issue_date,
        bond.maturity,
        months=months or _ZERO_GRID_MONTHS,
        calendar=business_calendar(bond.calendar),
        adjust_accrual=False,
        end_of_month=True,
    )


def coupons_paid(stage: Stage, bond: Bond) -> Flows:
    """Coupons that have fallen due by the as-of day, as they were paid."""
    schedule = schedule_of(bond)
    due = schedule.unadjusted[1:]
    over = due <= as_dates(stage.as_of)
    rows = np.array([stage.end])
    amounts = _coupons(stage, bond, schedule, rows)[0] if over.any() else np.zeros(due.size)
    return Flows(due[over], schedule.payment[over], amounts[over])


def fixing(stage: Stage, index_id: str, day: date) -> float:
    """The last fixing on or before ``day``: on a Saturday Friday's rate still holds."""
    row = int(np.searchsorted(stage.history.dates, np.datetime64(day), side="right")) - 1
    return float(stage.history.fixings.of(index_id)[max(row, 0)])


def _coupons(stage: Stage, bond: Bond, schedule: Schedule, rows: RowArray) -> FloatArray:
    """Coupons [row, period] per 100; those of a floater at the forwards of each row."""
    if isinstance(bond, FixedBond):
        starts = schedule.unadjusted[:-1]
        rates = np.full(starts.size, bond.coupon_rate)
        for since, rate in bond.steps:
            rates = np.where(starts >= as_dates(since), rate, rates)
        amounts = 100.0 * rates * schedule.year_fractions(day_count(bond.day_count))
        return np.broadcast_to(amounts, (rows.size, amounts.size))
    if isinstance(bond, FloatingBond):
        return _floating(stage, bond, schedule, rows)
    return np.zeros((rows.size, len(schedule)))


def _floating(stage: Stage, bond: FloatingBond, schedule: Schedule, rows: RowArray) -> FloatArray:
    accruals = schedule.year_fractions(day_count(bond.day_count))
    starts, ends = schedule.unadjusted[:-1], schedule.unadjusted[1:]
    days = stage.history.dates[rows][:, np.newaxis]
    curves = stage.history.curves
    nodes = curves.of(bond.projection_curve_id)[rows]
    at_start, at_end = (
        discount_factors((dates - days).astype(np.float64) / 365.0, curves.times, nodes)
        for dates in (starts, ends)
    )
    fixed = np.array([fixing(stage, bond.index_id, start) for start in starts.tolist()])
    rates = np.where(starts <= days, fixed, (at_start / at_end - 1.0) / accruals)
    return np.asarray(100.0 * (rates + bond.spread) * accruals)


def _risky(
    stage: Stage,
    bond: Bond,
    rows: RowArray,
    years: FloatArray,
    amounts: FloatArray,
    discounts: FloatArray,
) -> FloatArray:
    hazards = stage.history.hazard_rates
    issuer = str(bond.credit_curve_id)
    chances = survival(years, hazards.times, hazards.of(issuer)[rows])
    recovery = float(stage.history.recoveries[hazards.ids.index(issuer)])
    return risky_present_value(amounts, 100.0, recovery, discounts, chances)
