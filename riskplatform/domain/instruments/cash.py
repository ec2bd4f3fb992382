"""Cash: one instrument per currency, so that money is a position like any other."""

from __future__ import annotations

from dataclasses import dataclass

from riskplatform.domain.instruments.base import AssetClass, Instrument
from riskplatform.domain.money import currency_code, minor_unit

_PREFIX = "CASH."


def cash_id(currency: str) -> str:
    """The instrument id of cash in ``currency``."""
    return _PREFIX + currency


def cash_currency(instrument_id: str) -> str | None:
    """The currency of a cash instrument id, or None when it is something else."""
    return instrument_id[len(_PREFIX) :] if instrument_id.startswith(_PREFIX) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cash(Instrument):
    """Money on account; one unit is worth one."""

    kind = "cash"

    settlement_days: int = 0

    def problems(self) -> list[str]:
        found = Instrument.problems(self)
        if self.instrument_id != cash_id(self.currency):
            found.append(f"cash in {self.currency} must be called {cash_id(self.currency)}")
        return found

    @classmethod
    def of(cls, currency: str) -> Cash:
        currency_code(currency)
        return cls(
            instrument_id=cash_id(currency),
            name=f"Cash {currency}",
            currency=currency,
            lot_size=minor_unit(currency),
        )

    @property
    def asset_class(self) -> AssetClass:
        return AssetClass.CASH
