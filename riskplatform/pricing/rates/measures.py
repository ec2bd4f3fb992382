"""Numbers that a desk quotes: prices for settlement, z-spreads, par rates and par CDS spreads.

A measure of one instrument that cannot be had is a :class:`Failure`, as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import numpy as np
from scipy.optimize import brentq

from riskplatform.domain.instruments import (
    Bond,
    CreditDefaultSwap,
    Instrument,
    InterestRateSwap,
    OvernightSwap,
)
from riskplatform.domain.instruments.swap import Side
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.market.calendars import business_calendar
from riskplatform.market.curves import DAYS_PER_YEAR
from riskplatform.market.lookup import attempt
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.accrued import accrued_interest
from riskplatform.pricing.conventions import CdsModel, PricingConventions
from riskplatform.pricing.rates.credit_swaps import accrued_premium
from riskplatform.pricing.units.book import unit_book, value_now
from riskplatform.pricing.units.describe import Describer
from riskplatform.pricing.units.flows import UnitFlows
from riskplatform.pricing.units.layout import FloatArray

_CDS_SETTLEMENT_DAYS = 3
_WIDEST_SPREAD = 10.0


@dataclass(frozen=True, slots=True)
class BondPrice:
    """Per 100 of face, for payment on the settlement day."""

    dirty: float
    accrued: float

    @property
    def clean(self) -> float:
        return self.dirty - self.accrued


def value_of(
    instrument: Instrument, market: MarketSnapshot, conventions: PricingConventions
) -> float | Failure:
    """One unit in the market as it is; for a book take :mod:`riskplatform.pricing.units.book`."""
    book = unit_book([instrument], market, conventions)
    if book.failures:
        return book.failures[0]
    found = value_now(book)
    return found.failures[0] if found.failures else float(found.values[0, 0])


def bond_price(
    bond: Bond,
    market: MarketSnapshot,
    settlement: date,
    conventions: PricingConventions | None = None,
) -> BondPrice | Failure:
    """The curve's price for settlement later: what is paid after it, grown to that day.

    A bond that is still to be issued settles on its issue date at the earliest.
    """
    settlement = max(settlement, bond.issue_date)
    chosen = conventions or PricingConventions()
    unit = Describer(market, chosen).describe(bond)
    if isinstance(unit, Failure):
        return unit
    days = (settlement - market.as_of).days
    later = replace(
        unit,
        paid=tuple(paid for paid in unit.paid if paid.day > days),
        floating=tuple(coupon for coupon in unit.floating if coupon.day > days),
    )
    fixing = partial(market.fixing, needed_by=bond.instrument_id)
    accrued = attempt(
        lambda: accrued_interest(bond, settlement, fixing), subject=bond.instrument_id
    )
    if isinstance(accrued, Failure):
        return accrued
    times, amounts = expected_flows(later, market)
    curve = market.curve(bond.discount_curve_id)
    worth = float((amounts * curve.discount(times)).sum() / curve.discount(days / DAYS_PER_YEAR))
    return BondPrice(worth / float(bond.multiplier), accrued)


def expected_flows(unit: UnitFlows, market: MarketSnapshot) -> tuple[FloatArray, FloatArray]:
    """Times and amounts if nobody defaults and forwards come true."""
    times = [paid.day for paid in unit.paid] + [coupon.day for coupon in unit.floating]
    amounts = [paid.amount for paid in unit.paid]
    for coupon in unit.floating:
        curve = market.curve(coupon.projection)
        start, end = (coupon.start / DAYS_PER_YEAR, coupon.end / DAYS_PER_YEAR)
        growth = coupon.growth * float(curve.discount(start) / curve.discount(end))
        amounts.append(coupon.weight * (growth - 1.0))
    return np.array(times, dtype=np.float64) / DAYS_PER_YEAR, np.array(amounts, dtype=np.float64)


def z_spread(
    bond: Bond,
    dirty: float,
    market: MarketSnapshot,
    conventions: PricingConventions | None = None,
) -> float | Failure:
    """The continuous spread over zero rates at which promised flows cost ``dirty`` per 100 today.

    Default is not modelled beside it: the spread stands for it.
    """
    unit = Describer(market, conventions or PricingConventions()).describe(bond)
    if isinstance(unit, Failure):
        return unit
    times, amounts = expected_flows(unit, market)
    worth = amounts * market.curve(bond.discount_curve_id).discount(times)
    target = dirty * float(bond.multiplier)

    def miss(spread: float) -> float:
        return float((worth * np.exp(-spread * times)).sum()) - target

    if not (np.isfinite(target) and target > 0 and len(times)):
        message = f"{bond.instrument_id} has no z-spread at a price of {dirty}."
        return Failure(FailureReason.INVALID_DATA, message, bond.instrument_id)
    low, high = -1.0, _WIDEST_SPREAD
    if miss(low) * miss(high) > 0:
        message = (
            f"{bond.instrument_id} at {dirty} has no z-spread between {low:.0%} and {high:.0%}."
        )
        return Failure(FailureReason.CALCULATION_FAILED, message, bond.instrument_id)
    return float(brentq(miss, low, high, xtol=1e-15))


def par_rate(
    swap: InterestRateSwap | OvernightSwap,
    market: MarketSnapshot,
    conventions: PricingConventions | None = None,
) -> float | Failure:
    """The fixed rate at which the rest of a swap is worth nothing."""
    chosen = conventions or PricingConventions()
    pair = [replace(swap, fixed_rate=rate) for rate in (0.0, 1.0)]
    values = _both(pair, market, chosen)
    if isinstance(values, Failure):
        return values
    return _worth_nothing(swap, values[0], values[1] - values[0])


def par_cds_spread(
    cds: CreditDefaultSwap,
    market: MarketSnapshot,
    conventions: PricingConventions | None = None,
) -> float | Failure:
    """The running spread at which a contract is worth nothing.

    In the ISDA model the premium run so far is rebated, as when it is traded today; in the
    mid-point model the rest of the contract is taken as it is.
    """
    chosen = conventions or PricingConventions()
    buyer = replace(cds, side=Side.PAYER)
    pair = [replace(buyer, running_spread=spread) for spread in (0.0, 1.0)]
    values = _both(pair, market, chosen)
    if isinstance(values, Failure):
        return values
    is_standard = chosen.cds_model is CdsModel.ISDA
    rebate = _rebate(pair[1], market) if is_standard else 0.0
    return _worth_nothing(cds, values[0], values[1] + rebate - values[0])


def clean_cds_value(
    cds: CreditDefaultSwap,
    market: MarketSnapshot,
    conventions: PricingConventions | None = None,
) -> float | Failure:
    """The value without the premium run so far: the upfront of a contract traded today."""
    value = value_of(cds, market, conventions or PricingConventions())
    if isinstance(value, Failure):
        return value
    return value + _rebate(cds, market) * (1.0 if cds.side is Side.PAYER else -1.0)


def _rebate(cds: CreditDefaultSwap, market: MarketSnapshot) -> float:
    """Accrued premium, paid at cash settlement."""
    settled = business_calendar(cds.calendar).add_business_days(market.as_of, _CDS_SETTLEMENT_DAYS)
    time = (settled - market.as_of).days / DAYS_PER_YEAR
    return accrued_premium(cds, market) * float(market.curve(cds.discount_curve_id).discount(time))


def _both(
    pair: Sequence[Instrument], market: MarketSnapshot, conventions: PricingConventions
) -> tuple[float, float] | Failure:
    first, second = (value_of(each, market, conventions) for each in pair)
    if isinstance(first, Failure):
        return first
    return second if isinstance(second, Failure) else (first, second)


def _worth_nothing(instrument: Instrument, at_zero: float, slope: float) -> float | Failure:
    """The level at which a value that is linear in it is zero."""
    if slope == 0:
        name = instrument.instrument_id
        message = f"{name} pays nothing more that a rate could change."
        return Failure(FailureReason.CALCULATION_FAILED, message, name)
    return -at_zero / slope
