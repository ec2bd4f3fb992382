"""The value of one unit of an instrument from its mark: quote, multiplier, accrued interest.

This is the model ``marks``: what the market or a custodian said, turned into money. It needs no
curve and no volatility, and says nothing about sensitivities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from riskplatform.domain.instruments import Bond, Cash, Instrument, Quote
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import RiskPlatformError
from riskplatform.market.fx import FxMatrix
from riskplatform.pricing.accrued import Fixing, accrued_interest

MODEL_ID = "marks"


@dataclass(frozen=True, slots=True)
class Mark:
    """A quoted price and the day it is from."""

    price: float
    date: date


@dataclass(frozen=True, slots=True)
class UnitValue:
    """Value of one unit in the instrument's currency, with the mark and accrued it came from."""

    value: float
    mark: float
    mark_date: date
    accrued: float = 0.0


@dataclass(frozen=True, slots=True)
class Marks:
    """What a valuation by marks reads of the market on one day."""

    as_of: date
    prices: Mapping[str, Mark]
    fx: FxMatrix
    fixing: Fixing


def unit_value(instrument: Instrument, marks: Marks) -> UnitValue | Failure:
    """One unit of ``instrument``, in its currency, or why it has no value."""
    as_of = marks.as_of
    if isinstance(instrument, Cash):
        return UnitValue(1.0, 1.0, as_of)
    expiry = instrument.expires_on
    if expiry is not None and expiry < as_of:
        return Failure(
            FailureReason.INVALID_TERMS,
            f"{instrument.instrument_id} ended on {expiry} and is still held: "
            "record its redemption or expiry",
            instrument.instrument_id,
        )
    mark = marks.prices.get(instrument.instrument_id)
    if mark is None:
        return Failure(
            FailureReason.MISSING_DATA,
            f"{instrument.instrument_id} has no mark on or before {as_of}",
            instrument.instrument_id,
        )
    return _from_mark(instrument, mark, marks)


def _from_mark(instrument: Instrument, mark: Mark, marks: Marks) -> UnitValue | Failure:
    multiplier = float(instrument.multiplier)
    if instrument.quote is not Quote.CLEAN or not isinstance(instrument, Bond):
        return UnitValue(mark.price * multiplier, mark.price, mark.date)
    try:
        accrued = accrued_interest(instrument, marks.as_of, marks.fixing)
    except RiskPlatformError as error:
        return Failure(
            FailureReason.CALCULATION_FAILED,
            f"accrued interest of {instrument.instrument_id}: {error}",
            instrument.instrument_id,
        )
    return UnitValue((mark.price + accrued) * multiplier, mark.price, mark.date, accrued)
