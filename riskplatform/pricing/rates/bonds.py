"""Bonds as flows of one unit of face: fixed (with step-ups), zero and floating, with or without
default.

Ex-coupon periods are not known to the terms and are ignored: the buyer receives every coupon
paid after the as-of date. Bonds of an issuer with a credit curve pay while it lives; on default
the curve's recovery of face is paid in the middle of the interval between two payments.
"""

from __future__ import annotations

import math

import numpy as np

from riskplatform.domain.instruments import Bond, FixedBond, FloatingBond
from riskplatform.market.calendars import DateArray, as_dates, business_calendar
from riskplatform.market.daycount import FloatArray, day_count
from riskplatform.market.schedule import Schedule, coupon_schedule
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.conventions import PricingConventions
from riskplatform.pricing.rates.floating import FloatingTerms, days_from, floating_flows
from riskplatform.pricing.units.flows import Floating, Paid, Recovered, UnitFlows


def bond_schedule(bond: FixedBond | FloatingBond, conventions: PricingConventions) -> Schedule:
    """Unadjusted accrual, payments moved off holidays."""
    return coupon_schedule(
        bond.issue_date,
        bond.maturity,
        months=12 // bond.frequency,
        calendar=business_calendar(bond.calendar),
        adjustment=conventions.bond_payment,
        adjust_accrual=False,
        end_of_month=conventions.bond_end_of_month,
    )


def coupon_rates(bond: FixedBond, starts: DateArray) -> FloatArray:
    """The rate of each coupon by the day on which it starts."""
    since = as_dates([step for step, _ in bond.steps])
    rates = np.array([bond.coupon_rate, *(rate for _, rate in bond.steps)])
    return np.asarray(rates[np.searchsorted(since, starts, side="right")])


def bond_flows(bond: Bond, market: MarketSnapshot, conventions: PricingConventions) -> UnitFlows:
    """Flows after the as-of date, in money per unit of face."""
    name, curve, credit = bond.instrument_id, bond.discount_curve_id, bond.credit_curve_id
    market.curve(curve, needed_by=name)
    if credit is not None:
        market.credit(credit, needed_by=name)
    scale = float(bond.multiplier)
    calendar = business_calendar(bond.calendar)
    last = calendar.adjust_dates([bond.maturity], conventions.bond_payment)
    redeemed = float(days_from(market.as_of, last)[0])
    paid = [Paid(redeemed, scale * bond.redemption, curve, credit, redeemed)]
    floating: tuple[Floating, ...] = ()
    if isinstance(bond, FixedBond):
        paid += _fixed_coupons(bond, market, conventions, scale)
    elif isinstance(bond, FloatingBond):
        known, floating = _floating_coupons(bond, market, conventions, scale)
        paid += known
    paid = [each for each in paid if each.day > 0]
    recovered = _recovered(bond, market, paid, floating)
    return UnitFlows(name, bond.currency, tuple(paid), floating, recovered)


def _fixed_coupons(
    bond: FixedBond, market: MarketSnapshot, conventions: PricingConventions, scale: float
) -> list[Paid]:
    schedule = bond_schedule(bond, conventions)
    fractions = schedule.year_fractions(day_count(bond.day_count), business_calendar(bond.calendar))
    amounts = 100.0 * scale * coupon_rates(bond, schedule.unadjusted[:-1]) * fractions
    days = days_from(market.as_of, schedule.payment)
    curve, credit = bond.discount_curve_id, bond.credit_curve_id
    return [
        Paid(day, amount, curve, credit, day)
        for day, amount in zip(days.tolist(), amounts.tolist(), strict=True)
    ]


def _floating_coupons(
    bond: FloatingBond, market: MarketSnapshot, conventions: PricingConventions, scale: float
) -> tuple[list[Paid], tuple[Floating, ...]]:
    terms = FloatingTerms(
        instrument_id=bond.instrument_id,
        schedule=bond_schedule(bond, conventions),
        day_count=day_count(bond.day_count),
        calendar=business_calendar(bond.calendar),
        index_id=bond.index_id,
        discount=bond.discount_curve_id,
        projection=bond.projection_curve_id,
        notional=100.0 * scale,
        spread=bond.spread,
        credit=bond.credit_curve_id,
    )
    return floating_flows(terms, market, conventions)


def _recovered(
    bond: Bond, market: MarketSnapshot, paid: list[Paid], floating: tuple[Floating, ...]
) -> tuple[Recovered, ...]:
    """Recovery of face between payments, in whole days as the market counts them."""
    if bond.credit_curve_id is None:
        return ()
    credit = market.credit(bond.credit_curve_id)
    face = credit.recovery * 100.0 * float(bond.multiplier)
    ends = sorted({each.day for each in paid} | {each.day for each in floating})
    starts = [0.0, *ends[:-1]] if ends else []
    return tuple(
        Recovered(start, end, middle(start, end), face, bond.discount_curve_id, credit.issuer_id)
        for start, end in zip(starts, ends, strict=True)
    )


def middle(start: float, end: float) -> float:
    """The day in the middle, the earlier one of two."""
    return start + math.floor((end - start) / 2)
