"""Futures on equity indices, commodities, bonds, rates and currencies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from riskplatform.domain.instruments.base import AssetClass, Instrument, Quote


class FutureFamily(StrEnum):
    """What is delivered, or paid in cash for."""

    EQUITY_INDEX = "equity index"
    COMMODITY = "commodity"
    BOND = "bond"
    RATE = "rate"
    FX = "fx"
    CRYPTO = "crypto"


_CLASS = {
    FutureFamily.EQUITY_INDEX: AssetClass.EQUITY,
    FutureFamily.COMMODITY: AssetClass.COMMODITY,
    FutureFamily.BOND: AssetClass.GOVERNMENT,
    FutureFamily.RATE: AssetClass.RATES,
    FutureFamily.FX: AssetClass.FX,
    FutureFamily.CRYPTO: AssetClass.CRYPTO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Future(Instrument):
    """A futures contract; gains and losses are settled day by day."""

    kind = "future"
    quote = Quote.SETTLED

    family: FutureFamily
    underlying_id: str
    root: str
    expiry: date

    @property
    def asset_class(self) -> AssetClass:
        return _CLASS[self.family]

    @property
    def expires_on(self) -> date:
        return self.expiry
