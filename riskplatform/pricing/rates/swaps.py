"""Interest-rate and overnight swaps as flows of one unit of notional, to the payer or receiver."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from riskplatform.domain.conventions import DayCount
from riskplatform.domain.instruments import InterestRateSwap, OvernightSwap
from riskplatform.domain.instruments.rate_option import Swaption
from riskplatform.domain.instruments.swap import Side
from riskplatform.errors import MissingDataError
from riskplatform.market.calendars import as_dates, business_calendar
from riskplatform.market.daycount import FloatArray, day_count, year_fractions
from riskplatform.market.schedule import Schedule, coupon_schedule
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.conventions import PricingConventions
from riskplatform.pricing.rates.floating import FloatingTerms, days_from, floating_flows
from riskplatform.pricing.units.flows import Floating, Paid, UnitFlows

# A fixing may hold over a long weekend, not over a hole in the history.
_LONGEST_GAP_DAYS = 7


@dataclass(frozen=True, slots=True)
class FixedLeg:
    """Days of payment and accruals of a leg that pays 1 a year."""

    days: FloatArray
    accruals: FloatArray

    def paid(self, rate: float, discount: str) -> list[Paid]:
        """What is still to come at a rate."""
        pairs = zip(self.days.tolist(), (rate * self.accruals).tolist(), strict=True)
        return [Paid(day, amount, discount) for day, amount in pairs if day > 0]


def swap_schedule(start: date, end: date, frequency: int, calendar: str, lag: int = 0) -> Schedule:
    """Adjusted accrual and payment, modified following."""
    return coupon_schedule(
        start,
        end,
        months=12 // frequency,
        calendar=business_calendar(calendar),
        payment_lag_days=lag,
    )


def fixed_leg(
    schedule: Schedule, convention: DayCount, calendar: str, as_of: date, adjusted: bool
) -> FixedLeg:
    if adjusted:
        accruals = schedule.year_fractions(convention, business_calendar(calendar))
    else:
        unmoved = replace(schedule, accrual=schedule.unadjusted)
        accruals = unmoved.year_fractions(convention, business_calendar(calendar))
    return FixedLeg(days_from(as_of, schedule.payment), accruals)


def swap_flows(
    swap: InterestRateSwap, market: MarketSnapshot, conventions: PricingConventions
) -> UnitFlows:
    """Floating leg less fixed leg for the payer."""
    sign = float(swap.multiplier) * side_sign(swap.side)
    leg = _fixed_leg_of(swap, swap.effective, swap.maturity, market.as_of, conventions)
    floating = FloatingTerms(
        instrument_id=swap.instrument_id,
        schedule=swap_schedule(swap.effective, swap.maturity, swap.float_frequency, swap.calendar),
        day_count=day_count(swap.float_day_count),
        calendar=business_calendar(swap.calendar),
        index_id=swap.index_id,
        discount=swap.discount_curve_id,
        projection=swap.projection_curve_id,
        notional=sign,
        spread=swap.spread,
    )
    known, coupons = floating_flows(floating, market, conventions)
    paid = leg.paid(-sign * swap.fixed_rate, swap.discount_curve_id)
    return UnitFlows(swap.instrument_id, swap.currency, (*paid, *known), coupons)


def underlying_legs(
    option: Swaption, start: date, market: MarketSnapshot, conventions: PricingConventions
) -> tuple[FixedLeg, tuple[Floating, ...]]:
    """The swap that a swaption may enter, seen by its payer."""
    leg = _fixed_leg_of(option, start, option.swap_maturity, market.as_of, conventions)
    terms = FloatingTerms(
        instrument_id=option.instrument_id,
        schedule=swap_schedule(
            start, option.swap_maturity, option.float_frequency, option.calendar
        ),
        day_count=day_count(option.float_day_count),
        calendar=business_calendar(option.calendar),
        index_id=option.index_id,
        discount=option.discount_curve_id,
        projection=option.projection_curve_id,
    )
    return leg, floating_flows(terms, market, conventions)[1]


def side_sign(side: Side) -> float:
    return 1.0 if side is Side.PAYER else -1.0


def _fixed_leg_of(
    swap: InterestRateSwap | Swaption,
    start: date,
    end: date,
    as_of: date,
    conventions: PricingConventions,
) -> FixedLeg:
    return fixed_leg(
        swap_schedule(start, end, swap.fixed_frequency, swap.calendar),
        day_count(swap.fixed_day_count),
        swap.calendar,
        as_of,
        conventions.adjust_fixed_accrual,
    )


def overnight_flows(
    swap: OvernightSwap, market: MarketSnapshot, conventions: PricingConventions
) -> UnitFlows:
    """The compounded leg telescopes; what has been compounded so far comes from the fixings."""
    name, curve = swap.instrument_id, swap.discount_curve_id
    market.curve(curve, needed_by=name)
    sign = float(swap.multiplier) * side_sign(swap.side)
    lag = conventions.overnight_payment_lag_days
    schedule = swap_schedule(swap.effective, swap.maturity, swap.frequency, swap.calendar, lag)
    rule = day_count(swap.day_count)
    leg = fixed_leg(schedule, rule, swap.calendar, market.as_of, True)
    paid = leg.paid(-sign * (swap.fixed_rate - swap.spread), curve)
    floating: list[Floating] = []
    days = leg.days.tolist()
    ends = days_from(market.as_of, schedule.accrual).tolist()
    for index, (start, end, day) in enumerate(zip(ends[:-1], ends[1:], days, strict=True)):
        if day <= 0:
            continue
        growth = 1.0
        if start < 0:
            first = schedule.accrual[index]
            until = min(schedule.accrual[index + 1], np.datetime64(market.as_of))
            growth = compounded(swap.index_id, first, until, rule, market, name)
        if end <= 0:
            paid.append(Paid(day, sign * (growth - 1.0), curve))
            continue
        since = max(start, 0.0)
        coupon = Floating(day, sign, since, end, curve, curve, end, compounded=True, growth=growth)
        floating.append(coupon)
    return UnitFlows(name, swap.currency, tuple(paid), tuple(floating))


def compounded(
    index_id: str,
    start: np.datetime64,
    until: np.datetime64,
    rule: DayCount,
    market: MarketSnapshot,
    needed_by: str,
) -> float:
    """Growth of 1 by the fixings from ``start`` to ``until``, each holding until the next."""
    if index_id not in market.fixings:
        market.fixing(index_id, market.as_of, needed_by=needed_by)
    series = market.fixings[index_id]
    first = int(np.searchsorted(series.dates, start, side="right")) - 1
    stop = int(np.searchsorted(series.dates, until, side="left"))
    known = series.dates[max(first, 0) : stop]
    steps = np.concatenate([known, as_dates([until])])
    gaps = np.diff(steps).astype(np.int64)
    if first < 0 or not len(known) or (gaps > _LONGEST_GAP_DAYS).any():
        hole = start if first < 0 or not len(known) else known[int(np.argmax(gaps))]
        raise MissingDataError(
            f"{needed_by} needs the fixings of {index_id} from {start} to {until}; none is known "
            f"for more than {_LONGEST_GAP_DAYS} days after {hole}.",
            hint="Load the missing ones.",
        )
    steps[0] = start
    values = series.values[max(first, 0) : stop]
    calendar = business_calendar("WEEKENDS")
    years = year_fractions(rule, steps[:-1], steps[1:], calendar=calendar)
    return float(np.prod(1.0 + values * years))
