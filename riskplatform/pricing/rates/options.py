"""Caps, floors and swaptions as options on forward rates, one unit of notional.

The volatility is read once from the surface at the strike and the time to the fixing (sticky
strike); a state shifts it by expiry. A surface is kept by positive strikes, so a strike at or
below zero reads its lowest one, beyond which the volatility is flat.
"""

from __future__ import annotations

from riskplatform.domain.instruments.rate_option import CapFloor, CapOrFloor, Swaption, VolQuote
from riskplatform.domain.instruments.swap import Side
from riskplatform.errors import DataError
from riskplatform.market.calendars import Adjustment, business_calendar
from riskplatform.market.curves import DAYS_PER_YEAR
from riskplatform.market.daycount import day_count
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.market.surfaces import SHORTEST_EXPIRY, SurfaceAxis
from riskplatform.pricing.conventions import PricingConventions
from riskplatform.pricing.rates.floating import (
    FloatingTerms,
    coupon_periods,
    days_from,
    fixed_rate,
)
from riskplatform.pricing.rates.swaps import swap_schedule, underlying_legs
from riskplatform.pricing.units.flows import Paid, RateOption, UnitFlows

_LOWEST_STRIKE = 1e-6


def volatility(
    market: MarketSnapshot, surface_id: str, strike: float, expiry_days: float, name: str
) -> float:
    """Of a strike (a rate) at an expiry, from a surface whose points are strikes."""
    surface = market.surface(surface_id, needed_by=name)
    if surface.axis is not SurfaceAxis.STRIKE:
        raise DataError(
            f"{name} needs the volatility of a rate, and {surface_id} is quoted by "
            f"{surface.axis.value}.",
            hint="Load a surface by strike.",
        )
    years = max(expiry_days / DAYS_PER_YEAR, SHORTEST_EXPIRY)
    return float(surface.vol(max(strike, _LOWEST_STRIKE), years, 1.0))


def cap_floor_flows(
    cap: CapFloor, market: MarketSnapshot, conventions: PricingConventions
) -> UnitFlows:
    """One option for each period that is still to fix; what has fixed is paid as it is."""
    name, curve = cap.instrument_id, cap.discount_curve_id
    calendar = business_calendar(cap.calendar)
    terms = FloatingTerms(
        instrument_id=name,
        schedule=swap_schedule(cap.effective, cap.maturity, cap.frequency, cap.calendar),
        day_count=day_count(cap.day_count),
        calendar=calendar,
        index_id=cap.index_id,
        discount=curve,
        projection=cap.projection_curve_id,
    )
    market.curve(curve, needed_by=name)
    market.curve(cap.projection_curve_id, needed_by=name)
    scale, is_cap = float(cap.multiplier), cap.cap_or_floor is CapOrFloor.CAP
    fractions = terms.fractions()
    paid, options = [], []
    coupons = coupon_periods(terms, fractions, market.as_of, conventions)
    for coupon, fraction in zip(coupons, fractions.tolist(), strict=True):
        # Holidays can squeeze a short first period to nothing, and nothing is paid for it.
        if coupon.day <= 0 or fraction == 0:
            continue
        known = fixed_rate(coupon, cap.index_id, name, market)
        if known is not None:
            gain = max(known - cap.strike if is_cap else cap.strike - known, 0.0)
            paid.append(Paid(coupon.day, scale * fraction * gain, curve))
            continue
        vol = volatility(market, cap.surface_id, cap.strike, coupon.fixing_day, name)
        options.append(
            RateOption(
                expiry=coupon.fixing_day,
                strike=cap.strike,
                is_call=is_cap,
                annuity=((coupon.day, fraction),),
                floating=(coupon,),
                discount=curve,
                surface=cap.surface_id,
                model=cap.vol_quote,
                shift=_shift(cap),
                volatility=vol,
                quantity=scale,
                is_strip=True,
            )
        )
    return UnitFlows(name, cap.currency, tuple(paid), options=tuple(options))


def swaption_flows(
    option: Swaption, market: MarketSnapshot, conventions: PricingConventions
) -> UnitFlows:
    """Settled by entering the swap, which starts ``settlement_days`` after expiry."""
    name = option.instrument_id
    calendar = business_calendar(option.calendar)
    expiry = calendar.adjust(option.expiry, Adjustment.FOLLOWING)
    start = calendar.add_business_days(expiry, option.settlement_days)
    market.curve(option.discount_curve_id, needed_by=name)
    leg, floating = underlying_legs(option, start, market, conventions)
    days = float(days_from(market.as_of, calendar.adjust_dates([expiry], Adjustment.NONE))[0])
    rate_option = RateOption(
        expiry=days,
        strike=option.strike,
        is_call=option.side is Side.PAYER,
        annuity=tuple(zip(leg.days.tolist(), leg.accruals.tolist(), strict=True)),
        floating=floating,
        discount=option.discount_curve_id,
        surface=option.surface_id,
        model=option.vol_quote,
        shift=_shift(option),
        volatility=volatility(market, option.surface_id, option.strike, days, name),
        quantity=float(option.multiplier),
    )
    return UnitFlows(name, option.currency, options=(rate_option,))


def _shift(option: CapFloor | Swaption) -> float:
    return option.shift if option.vol_quote is VolQuote.SHIFTED_LOGNORMAL else 0.0
