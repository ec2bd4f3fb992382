"""The value of one unit of an instrument from its mark: quote, multiplier, accrued interest.

This is the model ``marks``: what the market or a custodian said, turned into money. It needs no
curve and no volatility, and says nothing about sensitivities.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial

from riskplatform.domain.instruments import Bond, Cash, Instrument, Quote
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import DataError, RiskPlatformError
from riskplatform.market.lookup import attempt
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.accrued import accrued_interest

MODEL_ID = "marks"


@dataclass(frozen=True, slots=True)
class UnitValue:
    """Value of one unit in the instrument's currency, with the mark and accrued it came from."""

    value: float
    mark: float
    mark_date: date
    accrued: float = 0.0
    repair_rule: str | None = None


def unit_value(instrument: Instrument, market: MarketSnapshot) -> UnitValue | Failure:
    """One unit of ``instrument``, in its currency, or why it has no value."""
    if isinstance(instrument, Cash):
        return UnitValue(1.0, 1.0, market.as_of)
    name = instrument.instrument_id
    expiry = instrument.expires_on
    if expiry is not None and expiry < market.as_of:
        message = f"{name} ended on {expiry} and is still held: record its redemption or expiry"
        return Failure(FailureReason.INVALID_TERMS, message, name)
    return attempt(partial(_from_mark, instrument, market), subject=name)


def _from_mark(instrument: Instrument, market: MarketSnapshot) -> UnitValue:
    quote = market.quote(instrument.instrument_id)
    accrued = 0.0
    if isinstance(instrument, Bond) and instrument.quote is Quote.CLEAN:
        fixing = partial(market.fixing, needed_by=instrument.instrument_id)
        try:
            accrued = accrued_interest(instrument, market.as_of, fixing)
        except DataError:
            raise
        except RiskPlatformError as error:
            # Terms that the schedule refuses are bad data of this one instrument.
            raise DataError(f"Accrued interest of {instrument.instrument_id}: {error}") from error
    value = (quote.value + accrued) * float(instrument.multiplier)
    return UnitValue(value, quote.value, quote.quoted_on, accrued, quote.repair_rule)
