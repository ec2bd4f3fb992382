"""Credit default swaps as flows of one unit of notional, to the buyer or seller of protection.

The value is what the contract is worth in money (accrued premium included). The ISDA model takes
the standard contract: coupons from the last coupon date on or before ``effective``, moved to
the next weekday, the last day included. The mid-point model takes the schedule of the terms.
"""

from __future__ import annotations

import numpy as np

from riskplatform.domain.conventions import DayCount
from riskplatform.domain.instruments import CreditDefaultSwap
from riskplatform.errors import TermsError
from riskplatform.market.calendars import Adjustment, DateArray, business_calendar
from riskplatform.market.daycount import FloatArray, day_count
from riskplatform.market.schedule import coupon_schedule
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.market.tenors import add_months
from riskplatform.pricing.conventions import CdsModel, PricingConventions
from riskplatform.pricing.rates.bonds import middle
from riskplatform.pricing.rates.floating import days_from
from riskplatform.pricing.rates.swaps import side_sign
from riskplatform.pricing.units.flows import DefaultLeg, Paid, Recovered, UnitFlows

_DAYS = {DayCount.ACT_360: 360.0, DayCount.ACT_365F: 365.0}
# Defaults come through the day, not at its end.
_HALF_A_DAY = 0.5


def cds_flows(
    cds: CreditDefaultSwap, market: MarketSnapshot, conventions: PricingConventions
) -> UnitFlows:
    """Protection less premium for the payer of the running spread."""
    name = cds.instrument_id
    market.curve(cds.discount_curve_id, needed_by=name)
    market.credit(cds.credit_curve_id, needed_by=name)
    rule = day_count(cds.day_count)
    if rule not in _DAYS:
        raise TermsError(
            f"{name} accrues its premium {cds.day_count}; a credit default swap is priced with "
            f"{' or '.join(_DAYS)}."
        )
    per_year = _DAYS[rule]
    if conventions.cds_model is CdsModel.MIDPOINT:
        return _midpoint(cds, market, per_year)
    return _isda(cds, market, per_year)


def _isda(cds: CreditDefaultSwap, market: MarketSnapshot, per_year: float) -> UnitFlows:
    starts, ends, payments = standard_periods(cds)
    alive = payments > np.datetime64(market.as_of)
    day = [days_from(market.as_of, dates[alive]) for dates in (starts, ends, payments)]
    sign = float(cds.multiplier) * side_sign(cds.side)
    spread = sign * cds.running_spread
    curve, credit = cds.discount_curve_id, cds.credit_curve_id
    paid = [
        Paid(pay, -spread * (end - start) / per_year, curve, credit, max(end - 1, 0.0))
        for start, end, pay in zip(*(dates.tolist() for dates in day), strict=True)
    ]
    leg = DefaultLeg(
        start=max(float(days_from(market.as_of, np.array([cds.effective], "M8[D]"))[0]), 0.0),
        accrual_starts=tuple((day[0] - 1 - _HALF_A_DAY).tolist()),
        observed=tuple(np.maximum(day[1] - 1, 0.0).tolist()),
        loss=sign * (1.0 - cds.recovery),
        per_day=spread / per_year,
        discount=curve,
        credit=credit,
    )
    return UnitFlows(cds.instrument_id, cds.currency, tuple(paid), default_legs=(leg,))


def standard_periods(cds: CreditDefaultSwap) -> tuple[DateArray, DateArray, DateArray]:
    """Accrual starts, accrual ends (exclusive; the last day counts) and payments."""
    months = 12 // cds.frequency
    effective, maturity = np.datetime64(cds.effective, "D"), np.datetime64(cds.maturity, "D")
    span = int((maturity.astype("M8[M]") - effective.astype("M8[M]")).astype(np.int64))
    unadjusted = add_months(maturity, -months * np.arange(span // months + 2, -1, -1))
    calendar = business_calendar(cds.calendar)
    adjusted = calendar.adjust_dates(unadjusted, Adjustment.FOLLOWING)
    first = max(int(np.searchsorted(adjusted, effective, side="right")) - 1, 0)
    boundaries = adjusted[first:]
    ends = boundaries[1:].copy()
    ends[-1] = maturity + 1
    return boundaries[:-1], ends, boundaries[1:]


def accrued_premium(cds: CreditDefaultSwap, market: MarketSnapshot) -> float:
    """Premium run up to and including the as-of date, per unit, owed by the payer."""
    starts, _, _ = standard_periods(cds)
    today = np.datetime64(market.as_of)
    begun = starts[starts <= today]
    days = int((today + 1 - begun[-1]).astype(np.int64)) if len(begun) else 0
    return cds.running_spread * float(cds.multiplier) * days / _DAYS[day_count(cds.day_count)]


def _midpoint(cds: CreditDefaultSwap, market: MarketSnapshot, per_year: float) -> UnitFlows:
    schedule = coupon_schedule(
        cds.effective,
        cds.maturity,
        months=12 // cds.frequency,
        calendar=business_calendar(cds.calendar),
    )
    days = days_from(market.as_of, schedule.accrual)
    return midpoint_flows(
        cds,
        starts=days[:-1],
        ends=days[1:],
        payments=days_from(market.as_of, schedule.payment),
        accruals=np.diff(days) / per_year,
    )


def midpoint_flows(
    cds: CreditDefaultSwap,
    *,
    starts: FloatArray,
    ends: FloatArray,
    payments: FloatArray,
    accruals: FloatArray,
    whole_days: bool = True,
) -> UnitFlows:
    """Periods in days from today; a default costs the premium accrued to the middle of a period."""
    sign = float(cds.multiplier) * side_sign(cds.side)
    spread = sign * cds.running_spread
    curve, credit = cds.discount_curve_id, cds.credit_curve_id
    paid, recovered = [], []
    columns = (starts.tolist(), ends.tolist(), payments.tolist(), accruals.tolist())
    for start, end, pay, accrual in zip(*columns, strict=True):
        if pay <= 0 or end <= 0:
            continue
        paid.append(Paid(pay, -spread * accrual, curve, credit, pay))
        since = max(start, 0.0)
        at = middle(since, end) if whole_days else 0.5 * (since + end)
        per_day = -spread * accrual / (end - start)
        loss = sign * (1.0 - cds.recovery)
        recovered.append(Recovered(since, end, at, loss, curve, credit, per_day, start))
    return UnitFlows(cds.instrument_id, cds.currency, tuple(paid), recovered=tuple(recovered))
