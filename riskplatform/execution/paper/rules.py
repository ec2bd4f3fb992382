"""How the paper venue behaves, as data: spread, depth, impact, latency, fees, refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from riskplatform.errors import UserInputError
from riskplatform.execution.paper.chance import exponential

CENT = Decimal("0.01")


def _check(problems: dict[str, bool]) -> None:
    for message, is_wrong in problems.items():
        if is_wrong:
            raise UserInputError(f"The rules of a paper venue: {message}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """From the sender to the book: a fixed time and an exponential one on top, in milliseconds."""

    fixed_ms: float = 2.0
    mean_extra_ms: float = 3.0

    def __post_init__(self) -> None:
        _check(
            {
                f"fixed_ms is {self.fixed_ms}, which is not 0 or more": not self.fixed_ms >= 0,
                f"mean_extra_ms is {self.mean_extra_ms}, which is not 0 or more": (
                    not self.mean_extra_ms >= 0
                ),
            }
        )

    def of(self, seed: int, *message: str) -> timedelta:
        """How long this message takes."""
        extra = exponential(self.mean_extra_ms, seed, "latency", *message)
        return timedelta(milliseconds=self.fixed_ms + extra)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeSchedule:
    """What trading costs: per unit and per notional, at least ``minimum`` an order that trades.

    Money is in the currency of the instrument; ``bp`` are hundredths of a per cent of notional.
    """

    per_unit: Decimal = Decimal(0)
    bp: Decimal = Decimal("0.5")
    minimum: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        for name in ("per_unit", "bp", "minimum"):
            value = getattr(self, name)
            _check({f"the fee {name} is {value}, which is not 0 or more": value < 0})

    def total(self, quantity: Decimal, notional: Decimal) -> Decimal:
        """The fees of an order that has traded so much, to the cent."""
        asked = self.per_unit * quantity + self.bp * abs(notional) / 10_000
        return max(asked, self.minimum).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueRules:
    """One venue's manners.

    Spread and depth concern markets that are made from daily bars: each side shows
    ``displayed_share`` of the mean traded size of a tick, ``levels`` deep, and every further level
    is ``impact_bp`` worse. ``participation`` is the largest share of what trades in the market
    that resting orders here may take. Where nobody reports a volume, a day is taken to turn over
    ``unknown_turnover`` in the currency of the instrument. An order is refused by chance with
    ``reject_probability``; an instrument stops for ``halt_minutes`` once a day with
    ``halt_probability``.
    """

    half_spread_bp: Decimal = Decimal(2)
    impact_bp: Decimal = Decimal(3)
    levels: int = 5
    displayed_share: Decimal = Decimal("0.2")
    participation: Decimal = Decimal("0.25")
    reject_probability: float = 0.0
    halt_probability: float = 0.0
    halt_minutes: float = 10.0
    ticks_per_day: int = 390
    unknown_turnover: Decimal = Decimal(500_000_000)
    latency: Latency = field(default_factory=Latency)
    fees: FeeSchedule = field(default_factory=FeeSchedule)

    def __post_init__(self) -> None:
        _check(
            {
                f"half_spread_bp is {self.half_spread_bp}, below 0": self.half_spread_bp < 0,
                f"impact_bp is {self.impact_bp}, below 0": self.impact_bp < 0,
                f"levels is {self.levels}, which is not 1 to 100": not 1 <= self.levels <= 100,
                f"displayed_share is {self.displayed_share}, which is not above 0 and at most 1": (
                    not 0 < self.displayed_share <= 1
                ),
                f"participation is {self.participation}, which is not 0 to 1": (
                    not 0 <= self.participation <= 1
                ),
                f"reject_probability is {self.reject_probability}, which is not 0 to 1": (
                    not 0 <= self.reject_probability <= 1
                ),
                f"halt_probability is {self.halt_probability}, which is not 0 to 1": (
                    not 0 <= self.halt_probability <= 1
                ),
                f"halt_minutes is {self.halt_minutes}, not above 0": not self.halt_minutes > 0,
                f"ticks_per_day is {self.ticks_per_day}, which is not 4 to 100,000": (
                    not 4 <= self.ticks_per_day <= 100_000
                ),
                f"unknown_turnover is {self.unknown_turnover}, not above 0": (
                    self.unknown_turnover <= 0
                ),
            }
        )
