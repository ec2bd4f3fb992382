"""What was worked: a decision, its orders' executions, and the prices that they are measured by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from riskplatform.domain.orders import Side
from riskplatform.errors import UserInputError

ZERO = Decimal(0)
NOT_TRADED = "nothing was traded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """``quantity`` is positive; ``fee`` is in the instrument's currency, positive when paid.

    ``middle`` is the market's when the order was sent, where it was kept.
    """

    client_order_id: str
    at: datetime
    quantity: Decimal
    price: Decimal
    fee: Decimal = ZERO
    middle: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """A decision to trade ``quantity`` (positive) at ``decision_price``, and what came of it.

    ``money_per_unit`` turns a price into money of the instrument's currency (its multiplier),
    ``rate`` that into the base currency. ``arrival`` is the market when the first order was sent,
    ``vwap`` the market's own average over the time of trading, ``closes`` are by day; what was not
    filled is valued at the last of them. What is not known is None or absent; ``vwap_from`` and
    ``closes_from`` say who knows what is, and ``no_vwap`` why nobody does. Where the market was
    silent, because nothing traded in it in that time, there is no average, and none is missing.
    """

    approval_id: str
    portfolio_id: str
    instrument_id: str
    side: Side
    quantity: Decimal
    decision_price: Decimal
    decided_at: datetime
    executions: tuple[Execution, ...]
    currency: str
    algorithm: str = ""
    money_per_unit: Decimal = Decimal(1)
    rate: Decimal = Decimal(1)
    arrival: Decimal | None = None
    vwap: Decimal | None = None
    closes: Mapping[date, Decimal] = field(default_factory=dict)
    vwap_from: str = ""
    no_vwap: str = ""
    was_silent: bool = False
    closes_from: Mapping[date, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.quantity > 0:
            raise UserInputError(f"A decision to trade {self.quantity} {self.instrument_id}.")
        if any(each.quantity <= 0 for each in self.executions):
            raise UserInputError(f"An execution of {self.instrument_id} without a quantity.")

    @property
    def name(self) -> str:
        return f"{self.approval_id} {self.portfolio_id} {self.instrument_id}"

    @property
    def filled(self) -> Decimal:
        return sum((each.quantity for each in self.executions), ZERO)

    @property
    def unfilled(self) -> Decimal:
        return max(self.quantity - self.filled, ZERO)

    @property
    def why_no_vwap(self) -> str:
        """Nothing where there is one."""
        if not self.executions:
            return NOT_TRADED
        if self.vwap is not None:
            return ""
        return self.no_vwap or "nobody told the trades of its market"

    @property
    def days(self) -> tuple[date, ...]:
        """On which it was traded."""
        return tuple(dict.fromkeys(each.at.date() for each in self.executions))

    @property
    def last_close(self) -> tuple[date, Decimal] | None:
        return max(self.closes.items()) if self.closes else None
