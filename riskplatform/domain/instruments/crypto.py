"""Crypto: coins held spot, and perpetual contracts on them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from riskplatform.domain.instruments.base import AssetClass, Instrument, Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin(Instrument):
    """A coin held spot, around the clock, in eight decimals."""

    kind = "coin"

    calendar: str = "24/7"
    settlement_days: int = 0
    lot_size: Decimal = Decimal("0.00000001")

    @property
    def asset_class(self) -> AssetClass:
        return AssetClass.CRYPTO


@dataclass(frozen=True, slots=True, kw_only=True)
class Perpetual(Instrument):
    """A future without expiry, held to its underlying by funding payments.

    The fixings of ``funding_index_id`` are what a long contract pays per day, as a share of price.
    """

    kind = "perpetual"
    quote = Quote.SETTLED

    underlying_id: str
    funding_index_id: str
    funding_hours: int = 8
    calendar: str = "24/7"
    settlement_days: int = 0

    def problems(self) -> list[str]:
        found = Instrument.problems(self)
        if self.funding_hours <= 0:
            found.append(f"funding every {self.funding_hours} hours is impossible")
        return found

    @property
    def asset_class(self) -> AssetClass:
        return AssetClass.CRYPTO
