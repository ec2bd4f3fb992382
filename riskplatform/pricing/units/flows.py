"""What one unit of an instrument pays, as records of days from the as-of date and amounts.

Records know no market state. They are the description from which a plan is made, for today or,
after :func:`riskplatform.pricing.units.roll.rolled`, for a day ahead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from riskplatform.domain.instruments.rate_option import VolQuote
from riskplatform.market.surfaces import SmileRule, VolSurface
from riskplatform.pricing.exotics.contracts import Contract


class NodeKind(StrEnum):
    """What the numbers of one stretch of a market state are."""

    ZERO = "zero rate"
    HAZARD = "hazard rate"
    FX = "log of price in pivot currency"
    VOL = "shift of volatility"
    SKEW = "shift of volatility per step below the money"
    SPOT = "log of price"
    PRICE = "price"
    CARRY = "yield of an underlying"
    BASIS = "log of price over model"


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
class Level:
    """``amount`` × the price of something for delivery on ``day``.

    The something is one of: a price node ``spot``, a pair of currencies (``bought`` counted in
    ``sold``), or ``bond`` flows (day, amount) on ``bond_curve``. A price that is quoted in absolute
    terms because it may fall to zero or below is ``price``. It grows at ``discount`` to the day,
    less ``carry`` (or the ``foreign`` curve) and less the cash ``dividends`` (day, amount) paid
    before; ``basis`` names the node of what the market quotes above that, ``basis_log`` now.
    """

    amount: float = 1.0
    day: float = 0.0
    spot: str | None = None
    price: str | None = None
    bought: str | None = None
    sold: str | None = None
    bond: tuple[tuple[float, float], ...] = ()
    bond_curve: str | None = None
    discount: str | None = None
    carry: str | None = None
    foreign: str | None = None
    dividends: tuple[tuple[float, float], ...] = ()
    basis: str | None = None
    basis_log: float = 0.0


class Style(StrEnum):
    """What an option on a price pays, hence which kernel prices it."""

    EUROPEAN = "european"
    AMERICAN = "american"
    BARRIER = "barrier"
    CASH = "cash or nothing"
    ASSET = "asset or nothing"
    TOUCH = "one touch"
    EXOTIC = "exotic"


@dataclass(frozen=True, slots=True)
class PriceOption:
    """An option on ``level``, which yields ``carry`` (or ``foreign``), or all of the rate.

    ``quantity`` is money per unit of premium. The volatility is read off ``surface``; ``rule``
    says what of it stays when the forward moves. An ``exotic`` is priced by QuantLib in processes
    of its own; ``elapsed_days`` is how far a roll has brought it.
    """

    style: Style
    expiry: float
    strike: float
    is_call: bool
    level: Level
    discount: str
    surface: VolSurface
    rule: SmileRule
    carry: str | None = None
    foreign: str | None = None
    is_on_future: bool = False
    quantity: float = 1.0
    barrier: float = 0.0
    rebate: float = 0.0
    is_up: bool = False
    is_out: bool = False
    cash: float = 0.0
    exotic: Contract | None = None
    elapsed_days: float = 0.0


@dataclass(frozen=True, slots=True)
class UnitFlows:
    """Everything one unit pays; ``cash`` is what a roll has found to be paid already.

    ``paid_per_day`` is money that time alone brings, such as the funding of a perpetual.
    """

    instrument_id: str
    currency: str
    paid: tuple[Paid, ...] = ()
    floating: tuple[Floating, ...] = ()
    recovered: tuple[Recovered, ...] = ()
    default_legs: tuple[DefaultLeg, ...] = ()
    options: tuple[RateOption, ...] = ()
    levels: tuple[Level, ...] = ()
    price_options: tuple[PriceOption, ...] = ()
    paid_per_day: float = 0.0
    cash: float = field(default=0.0)
