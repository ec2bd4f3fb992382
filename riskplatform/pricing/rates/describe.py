"""Flows of each kind of rates and credit instrument."""

from __future__ import annotations

from riskplatform.domain.instruments import (
    Bond,
    CreditDefaultSwap,
    Instrument,
    InterestRateSwap,
    OvernightSwap,
)
from riskplatform.domain.instruments.fx import FxForward
from riskplatform.domain.instruments.rate_option import CapFloor, Swaption
from riskplatform.market.calendars import Adjustment, as_dates, business_calendar
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.conventions import PricingConventions
from riskplatform.pricing.rates.bonds import bond_flows
from riskplatform.pricing.rates.credit_swaps import cds_flows
from riskplatform.pricing.rates.floating import days_from
from riskplatform.pricing.rates.options import cap_floor_flows, swaption_flows
from riskplatform.pricing.rates.swaps import overnight_flows, swap_flows
from riskplatform.pricing.units.flows import Paid, UnitFlows

PRICED = (
    Bond,
    InterestRateSwap,
    OvernightSwap,
    CreditDefaultSwap,
    CapFloor,
    Swaption,
    FxForward,
)
"""The instruments that this package prices."""


def rates_flows(
    instrument: Instrument, market: MarketSnapshot, conventions: PricingConventions
) -> UnitFlows:
    """What one unit pays after the as-of date."""
    match instrument:
        case Bond():
            return bond_flows(instrument, market, conventions)
        case InterestRateSwap():
            return swap_flows(instrument, market, conventions)
        case OvernightSwap():
            return overnight_flows(instrument, market, conventions)
        case CreditDefaultSwap():
            return cds_flows(instrument, market, conventions)
        case CapFloor():
            return cap_floor_flows(instrument, market, conventions)
        case Swaption():
            return swaption_flows(instrument, market, conventions)
        case FxForward():
            return _fx_forward_flows(instrument, market, conventions)
    raise NotImplementedError(f"{instrument.kind} is listed as priced and has no flows.")


def _fx_forward_flows(
    forward: FxForward, market: MarketSnapshot, conventions: PricingConventions
) -> UnitFlows:
    """The bought currency discounted on its curve at the state's rate, less the sold one on its."""
    name, bought, sold = forward.instrument_id, forward.bought_currency, forward.sold_currency
    curves = [conventions.discount_curve(currency) for currency in (bought, sold)]
    for curve in curves:
        market.curve(curve, needed_by=name)
    market.fx.rate(bought, sold, needed_by=name)
    calendar = business_calendar(forward.calendar)
    paid_on = calendar.adjust_dates(as_dates([forward.maturity]), Adjustment.FOLLOWING)
    day, scale = float(days_from(market.as_of, paid_on)[0]), float(forward.multiplier)
    received = Paid(day, scale, curves[0], bought=bought, sold=sold)
    return UnitFlows(name, sold, (received, Paid(day, -scale * forward.rate, curves[1])))
