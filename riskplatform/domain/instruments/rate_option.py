"""Options on interest rates: swaptions, caps and floors. A unit is one of notional."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from riskplatform.domain.instruments.base import AssetClass, Instrument
from riskplatform.domain.instruments.swap import Side, period_problems


class VolQuote(StrEnum):
    """Which model the quoted volatility belongs to."""

    LOGNORMAL = "lognormal"
    NORMAL = "normal"
    SHIFTED_LOGNORMAL = "shifted lognormal"


class CapOrFloor(StrEnum):
    """Whether the holder is paid above or below the strike."""

    CAP = "cap"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Swaption(Instrument):
    """The right to enter a swap on the expiry date; ``side`` is that of the swap."""

    kind = "swaption"

    expiry: date
    swap_maturity: date
    strike: float
    side: Side
    index_id: str
    discount_curve_id: str
    projection_curve_id: str
    surface_id: str
    vol_quote: VolQuote = VolQuote.NORMAL
    shift: float = 0.0
    fixed_frequency: int = 1
    fixed_day_count: str = "30/360 US"
    float_frequency: int = 2
    float_day_count: str = "Act/360"

    def problems(self) -> list[str]:
        return Instrument.problems(self) + period_problems(
            self.expiry,
            self.swap_maturity,
            (self.fixed_frequency, self.fixed_day_count),
            (self.float_frequency, self.float_day_count),
        )

    @property
    def asset_class(self) -> AssetClass:
        return AssetClass.RATES

    @property
    def expires_on(self) -> date:
        return self.expiry


@dataclass(frozen=True, slots=True, kw_only=True)
class CapFloor(Instrument):
    """A strip of options on a term rate."""

    kind = "cap_floor"

    cap_or_floor: CapOrFloor
    effective: date
    maturity: date
    strike: float
    index_id: str
    discount_curve_id: str
    projection_curve_id: str
    surface_id: str
    vol_quote: VolQuote = VolQuote.NORMAL
    shift: float = 0.0
    frequency: int = 4
    day_count: str = "Act/360"

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
