"""Interest-rate, overnight-indexed and credit default swaps. A unit is one of notional."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from riskplatform.domain.conventions import accrual_problems
from riskplatform.domain.instruments.base import AssetClass, Instrument


class Side(StrEnum):
    """Whether a unit of the contract pays or receives its fixed leg."""

    PAYER = "payer"
    RECEIVER = "receiver"


def period_problems(start: date, end: date, *legs: tuple[int, str]) -> list[str]:
    """What is wrong with the dates of a contract and the (frequency, day count) of its legs."""
    found = accrual_problems(*legs)
    if end <= start:
        found.append(f"it ends on {end}, not after its start on {start}")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestRateSwap(Instrument):
    """Fixed against a term rate; the mark is the present value of one of notional."""

    kind = "swap"

    effective: date
    maturity: date
    fixed_rate: float
    side: Side
    index_id: str
    discount_curve_id: str
    projection_curve_id: str
    fixed_frequency: int = 1
    fixed_day_count: str = "30/360 US"
    float_frequency: int = 2
    float_day_count: str = "Act/360"
    spread: float = 0.0

    def problems(self) -> list[str]:
        return Instrument.problems(self) + period_problems(
            self.effective,
            self.maturity,
            (self.fixed_frequency, self.fixed_day_count),
            (self.float_frequency, self.float_day_count),
        )

    @property
    def asset_class(self) -> AssetClass:
        return AssetClass.RATES

    @property
    def expires_on(self) -> date:
        return self.maturity


@dataclass(frozen=True, slots=True, kw_only=True)
class OvernightSwap(Instrument):
    """Fixed against a compounded overnight rate."""

    kind = "ois"

    effective: date
    maturity: date
    fixed_rate: float
    side: Side
    index_id: str
    discount_curve_id: str
    frequency: int = 1
    day_count: str = "Act/360"
    spread: float = 0.0

    def problems(self) -> list[str]:
        return Instrument.problems(self) + period_problems(
            self.effective, self.maturity, (self.frequency, self.day_count)
        )

    @property
    def asset_class(self) -> AssetClass:
        return AssetClass.RATES

    @property
    def expires_on(self) -> date:
        return self.maturity


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditDefaultSwap(Instrument):
    """Protection on one issuer; the mark is the upfront value of one of notional."""

    kind = "cds"

    effective: date
    maturity: date
    credit_curve_id: str
    discount_curve_id: str
    running_spread: float
    side: Side
    recovery: float = 0.4
    frequency: int = 4
    day_count: str = "Act/360"

    def problems(self) -> list[str]:
        found = Instrument.problems(self) + period_problems(
            self.effective, self.maturity, (self.frequency, self.day_count)
        )
        if not 0 <= self.recovery < 1:
            found.append(f"a recovery of {self.recovery} is not between 0 and 1")
        return found

    @property
    def asset_class(self) -> AssetClass:
        return AssetClass.CREDIT

    @property
    def expires_on(self) -> date:
        return self.maturity
