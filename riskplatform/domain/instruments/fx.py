"""Currency spot and forward. A unit is one of the bought currency, paid for in the sold one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from riskplatform.domain.instruments.base import AssetClass, Instrument
from riskplatform.domain.money import currency_code


def pair_problems(bought: str, sold: str, valued_in: str) -> list[str]:
    """What is wrong with a currency pair whose value is counted in the sold currency."""
    currency_code(bought)
    found = []
    if bought == sold:
        found.append(f"it buys and sells the same currency {sold}")
    if valued_in != sold:
        found.append(f"it is valued in {valued_in}, not in the sold currency {sold}")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class FxSpot(Instrument):
    """A currency pair such as EURUSD: underlies options; a holding of currency is cash."""

    kind = "fx_spot"

    bought_currency: str

    def problems(self) -> list[str]:
        return Instrument.problems(self) + pair_problems(
            self.bought_currency, self.currency, self.currency
        )

    @property
    def asset_class(self) -> AssetClass:
        return AssetClass.FX


@dataclass(frozen=True, slots=True, kw_only=True)
class FxForward(Instrument):
    """Receive one of the bought currency at maturity, pay ``rate`` of the sold one."""

    kind = "fx_forward"

    bought_currency: str
    sold_currency: str
    rate: float
    maturity: date

    def problems(self) -> list[str]:
        found = Instrument.problems(self)
        found += pair_problems(self.bought_currency, self.sold_currency, self.currency)
        if not self.rate > 0:
            found.append(f"the rate {self.rate} is not positive")
        return found

    @property
    def asset_class(self) -> AssetClass:
        return AssetClass.FX

    @property
    def expires_on(self) -> date:
        return self.maturity
