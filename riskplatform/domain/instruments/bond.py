"""Government and corporate bonds. A unit is one of face value; the mark is clean, per 100."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from riskplatform.domain.conventions import accrual_problems
from riskplatform.domain.instruments.base import AssetClass, Instrument, Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond(Instrument):
    """Common part of bonds. Without ``credit_curve_id`` the issuer cannot default."""

    quote = Quote.CLEAN

    issue_date: date
    maturity: date
    discount_curve_id: str
    credit_curve_id: str | None = None
    is_government: bool = False
    multiplier: Decimal = Decimal("0.01")
    redemption: float = 100.0

    def problems(self) -> list[str]:
        found = Instrument.problems(self)
        if self.maturity <= self.issue_date:
            found.append(f"it matures on {self.maturity}, not after its issue on {self.issue_date}")
        if not self.redemption >= 0:
            found.append(f"the redemption {self.redemption} is negative")
        return found

    @property
    def asset_class(self) -> AssetClass:
        return AssetClass.GOVERNMENT if self.is_government else AssetClass.CREDIT

    @property
    def expires_on(self) -> date:
        return self.maturity


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedBond(Bond):
    """Fixed coupons; ``steps`` are (from date, new rate) for step-up bonds."""

    kind = "fixed_bond"

    coupon_rate: float
    frequency: int = 2
    day_count: str = "Act/Act ICMA"
    steps: tuple[tuple[date, float], ...] = ()

    def problems(self) -> list[str]:
        found = Bond.problems(self) + accrual_problems((self.frequency, self.day_count))
        if list(self.steps) != sorted(self.steps):
            found.append("its coupon steps are not in date order")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroBond(Bond):
    """One payment at maturity."""

    kind = "zero_bond"


@dataclass(frozen=True, slots=True, kw_only=True)
class FloatingBond(Bond):
    """Coupons of a reference rate plus a spread, fixed at the start of each period."""

    kind = "floating_bond"

    index_id: str
    projection_curve_id: str
    spread: float = 0.0
    frequency: int = 4
    day_count: str = "Act/360"

    def problems(self) -> list[str]:
        return Bond.problems(self) + accrual_problems((self.frequency, self.day_count))
