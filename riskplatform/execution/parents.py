"""What execution works off: an approved trade, and when how much of it is due.

The plan is recorded before the first child leaves, so that a restart follows the same plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from riskplatform.domain.codec import from_terms, to_terms
from riskplatform.domain.orders import Order, OrderKey, OrderType, Side, TimeInForce
from riskplatform.domain.targets import ApprovedTargets, TargetTrade
from riskplatform.errors import UserInputError

Line = tuple[str, str, str]
"""Approval, portfolio, instrument: what a child order is a child of."""


class Planned(Protocol):
    """A slice as any schedule has it: from when on, and how much (positive)."""

    @property
    def at(self) -> datetime: ...

    @property
    def quantity(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Slice:
    """So much becomes due at a time."""

    at: datetime
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """An approved trade with its plan; ``quantity`` is positive, the side says which way.

    Slices come to all of it or to less.
    """

    approval_id: str
    portfolio_id: str
    instrument_id: str
    side: Side
    quantity: Decimal
    currency: str
    reference_price: Decimal
    approved_at: datetime
    expires_at: datetime
    slices: tuple[Slice, ...]
    algorithm: str = ""
    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY

    def __post_init__(self) -> None:
        times = [each.at for each in self.slices]
        if self.planned > self.quantity:
            raise UserInputError(
                f"The slices of {self.name} come to {self.planned}; {self.quantity} was approved.",
                hint="A schedule never exceeds its parent.",
            )
        if any(each.quantity <= 0 for each in self.slices) or times != sorted(times):
            raise UserInputError(
                f"The slices of {self.name} are not positive quantities in order of time."
            )

    @classmethod
    def of(
        cls,
        targets: ApprovedTargets,
        trade: TargetTrade,
        slices: Iterable[Planned],
        **terms: Any,
    ) -> Parent:
        """The plan of one trade of an approval."""
        return cls(
            approval_id=targets.approval_id,
            portfolio_id=trade.portfolio_id,
            instrument_id=trade.instrument_id,
            side=Side.of(trade.quantity),
            quantity=abs(trade.quantity),
            currency=trade.currency,
            reference_price=trade.reference_price,
            approved_at=targets.approved_at,
            expires_at=targets.expires_at,
            slices=tuple(Slice(each.at, each.quantity) for each in slices),
            **terms,
        )

    @property
    def line(self) -> Line:
        return self.approval_id, self.portfolio_id, self.instrument_id

    @property
    def planned(self) -> Decimal:
        """What the slices come to: all of the parent, or what its schedule has room for."""
        return sum((each.quantity for each in self.slices), Decimal(0))

    @property
    def name(self) -> str:
        """As the journal and people call it."""
        return " ".join(self.line)

    def due(self, now: datetime) -> tuple[int, Decimal]:
        """The last slice that is due (-1 before the first), and how much is due in all."""
        last, total = -1, Decimal(0)
        for place, each in enumerate(self.slices):
            if each.at > now:
                break
            last, total = place, total + each.quantity
        return last, total

    def child(self, slice: int, attempt: int, quantity: Decimal) -> Order:
        """An order for a part; the same part and attempt have the same id for ever."""
        return Order(
            key=OrderKey(*self.line, slice, attempt),
            side=self.side,
            quantity=quantity,
            currency=self.currency,
            order_type=self.order_type,
            limit_price=self.limit_price,
            time_in_force=self.time_in_force,
        )

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = to_terms(self)
        return found

    @classmethod
    def from_dict(cls, terms: Mapping[str, Any]) -> Parent:
        return from_terms(cls, terms)


def line_of(order: Order) -> Line:
    key = order.key
    return key.approval_id, key.portfolio_id, key.instrument_id
