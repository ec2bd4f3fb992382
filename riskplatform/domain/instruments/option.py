"""Options on equities, indices, futures and currencies: plain ones and barriers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from riskplatform.domain.instruments.base import AssetClass, Instrument


class Right(StrEnum):
    """What the holder may do."""

    CALL = "call"
    PUT = "put"


class Exercise(StrEnum):
    """When the holder may do it."""

    EUROPEAN = "european"
    AMERICAN = "american"


class Underlying(StrEnum):
    """What kind of thing underlies, hence which forward and which formula."""

    EQUITY = "equity"
    INDEX = "index"
    FUTURE = "future"
    FX = "fx"
    CRYPTO = "crypto"


class Barrier(StrEnum):
    """Which way the level is hit and what that does."""

    DOWN_IN = "down and in"
    DOWN_OUT = "down and out"
    UP_IN = "up and in"
    UP_OUT = "up and out"


_CLASS = {
    Underlying.EQUITY: AssetClass.EQUITY,
    Underlying.INDEX: AssetClass.EQUITY,
    Underlying.FX: AssetClass.FX,
    Underlying.CRYPTO: AssetClass.CRYPTO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option(Instrument):
    """A plain option; the mark is its premium per unit of underlying."""

    kind = "option"

    underlying_id: str
    underlying_type: Underlying
    right: Right
    strike: float
    expiry: date
    discount_curve_id: str
    surface_id: str
    exercise: Exercise = Exercise.EUROPEAN
    underlying_class: AssetClass | None = None

    def problems(self) -> list[str]:
        found = Instrument.problems(self)
        if not self.strike > 0 and self.underlying_type is not Underlying.FUTURE:
            found.append(f"the strike {self.strike} is not positive")
        if self.underlying_type is Underlying.FUTURE and self.underlying_class is None:
            found.append("an option on a future must say its underlying_class")
        return found

    @property
    def asset_class(self) -> AssetClass:
        return self.underlying_class or _CLASS[self.underlying_type]

    @property
    def expires_on(self) -> date:
        return self.expiry


@dataclass(frozen=True, slots=True, kw_only=True)
class BarrierOption(Option):
    """An option that begins or ends when the underlying touches a level.

    An American one may be exercised while it lives: a knock-out before the touch, a knock-in
    after it.
    """

    kind = "barrier_option"

    barrier_type: Barrier
    barrier: float
    rebate: float = 0.0

    def problems(self) -> list[str]:
        found = Option.problems(self)
        if not self.barrier > 0:
            found.append(f"the barrier {self.barrier} is not positive")
        if not self.rebate >= 0:
            found.append(f"the rebate {self.rebate} is negative")
        return found
