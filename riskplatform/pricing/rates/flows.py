"""What one unit of an instrument pays, as records of days from the as-of date and amounts.

Records know no market state. They are the description from which a plan is made, for today or,
after :func:`riskplatform.pricing.rates.roll.rolled`, for a day ahead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from riskplatform.domain.instruments.rate_option import VolQuote


class NodeKind(StrEnum):
    """What the numbers of one stretch of a market state are."""

    ZERO = "zero rate"
    HAZARD = "hazard rate"
    FX = "log of price in pivot currency"
    VOL = "shift of volatility"


@dataclass(frozen=True, slots=True)
class Paid:
    """``amount`` on ``day``, if ``credit`` (when given) is alive on ``alive_on``.

    With ``bought`` and ``sold`` the amount is in the bought currency and is turned into the other
    at the state's rate.
    """

    day: float
    amount: float
    discount: str
    credit: str | None = None
    alive_on: float = 0.0
    bought: str | None = None
    sold: str | None = None


@dataclass(frozen=True, slots=True)
class Floating:
    """``weight`` × (``growth`` × P(start) / P(end) - 1) on ``day``, P from the projection curve.

    A term rate is known from ``fixing_day``; a compounded overnight rate grows day by day, and
    ``growth`` is what has been compounded before ``start``.
    """

    day: float
    weight: float
    start: float
    end: float
    discount: str
    projection: str
    fixing_day: float
    compounded: bool = False
    growth: float = 1.0
    credit: str | None = None


@dataclass(frozen=True, slots=True)
class Recovered:
    """``amount + per_day × (at - since)``, paid ``at``, on default from ``start`` to ``end``."""

    start: float
    end: float
    at: float
    amount: float
    discount: str
    credit: str
    per_day: float = 0.0
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class DefaultLeg:
    """The ISDA standard model: ``loss`` on default, less premium accrued since ``accrual_starts``.

    Premium accrues at ``per_day`` of a day; period i is observed until ``observed[i]``.
    Rates are constant between the nodes of both curves and the observation days.
    """

    start: float
    accrual_starts: tuple[float, ...]
    observed: tuple[float, ...]
    loss: float
    per_day: float
    discount: str
    credit: str


@dataclass(frozen=True, slots=True)
class RateOption:
    """annuity × option on (floating / annuity): a caplet has one payment, a swaption many.

    ``annuity`` is (day, accrual) pairs; ``quantity`` is signed money per unit of the annuity.
    """

    expiry: float
    strike: float
    is_call: bool
    annuity: tuple[tuple[float, float], ...]
    floating: tuple[Floating, ...]
    discount: str
    surface: str
    model: VolQuote
    shift: float
    volatility: float
    quantity: float = 1.0
    is_strip: bool = False


@dataclass(frozen=True, slots=True)
class UnitFlows:
    """Everything one unit pays; ``cash`` is what a roll has found to be paid already."""

    instrument_id: str
    currency: str
    paid: tuple[Paid, ...] = ()
    floating: tuple[Floating, ...] = ()
    recovered: tuple[Recovered, ...] = ()
    default_legs: tuple[DefaultLeg, ...] = ()
    options: tuple[RateOption, ...] = ()
    cash: float = field(default=0.0)
