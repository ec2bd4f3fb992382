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
    """A futures contract; gains and losses are settled day by day.

    A bond future names the notional bond that it delivers, so that its price follows the curve
    ``underlying_id``: ``notional_years`` from delivery, half-yearly ``notional_coupon`` (0.06).
    """

    kind = "future"
    quote = Quote.SETTLED

    family: FutureFamily
    underlying_id: str
    root: str
    expiry: date
    notional_years: int | None = None
    notional_coupon: float = 0.06

    def problems(self) -> list[str]:
        found = Instrument.problems(self)
        if self.notional_years is not None and self.notional_years <= 0:
            found.append(f"its notional bond runs {self.notional_years} years")
        return found

    @property
    def asset_class(self) -> AssetClass:
        return _CLASS[self.family]

    @property
    def expires_on(self) -> date:
        return self.expiry
