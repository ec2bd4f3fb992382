"""What every gateway does, and what a venue can say through it.

Reports may come twice, late or out of order: whoever reads them must not mind. A gateway never
guesses: what it does not know it raises as ``GatewayError``, and the caller asks again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from riskplatform.domain.orders import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The venue works the order."""

    client_order_id: str
    venue_order_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The venue does not take the order."""

    client_order_id: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """An execution; ``execution_id`` is unique at the venue for ever, ``quantity`` positive."""

    client_order_id: str
    execution_id: str
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_currency: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """What is left of the order is no longer worked: asked for, or by the venue (``reason``)."""

    client_order_id: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """The order's time is over."""

    client_order_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRejected:
    """The cancel came too late, or the order is not known."""

    client_order_id: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """The order is worked with a new total quantity and limit price.

    ``number`` is that of the request, 0 where the venue cannot say it.
    """

    client_order_id: str
    quantity: Decimal
    limit_price: Decimal | None
    at: datetime
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceRejected:
    """The order stays as it was, for instance because it was filled first."""

    client_order_id: str
    reason: str
    at: datetime
    number: int = 0


Report = (
    Accepted | Rejected | Filled | Cancelled | Expired | CancelRejected | Replaced | ReplaceRejected
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueOrder:
    """An order as the venue has it; ``status`` is ``open``, or how it ended."""

    order: Order
    venue_order_id: str
    status: str
    filled: Decimal
    at: datetime

    @property
    def is_open(self) -> bool:
        return self.status == "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The market in one instrument; sizes are what stands at the price, None when not known."""

    instrument_id: str
    bid: Decimal | None
    ask: Decimal | None
    last: Decimal | None
    at: datetime
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None
    day_volume: Decimal | None = None
    is_halted: bool = False

    @property
    def middle(self) -> Decimal | None:
        if self.bid is None or self.ask is None:
            return self.last
        return (self.bid + self.ask) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Traded:
    """What the whole market traded in one instrument from ``start`` to ``end``, both included.

    ``turnover`` is the sum of price times quantity. ``last`` is the last price by ``end``; where
    ``is_closed``, nothing trades after it on its day: it is the close. An ``end`` that was still
    to come when the venue was asked is its time of then.
    """

    instrument_id: str
    start: datetime
    end: datetime
    volume: Decimal
    turnover: Decimal
    last: Decimal | None = None
    is_closed: bool = False

    @property
    def average(self) -> Decimal | None:
        """The volume-weighted average price; None where nothing traded."""
        return self.turnover / self.volume if self.volume else None


class Gateway(Protocol):
    """One venue. Submitting an order whose id the venue knows already changes nothing there."""

    @property
    def name(self) -> str: ...

    def submit(self, order: Order) -> None:
        """Send; that it arrived is known by a report or by asking, not by the return."""

    def cancel(self, client_order_id: str) -> None: ...

    def replace(
        self,
        client_order_id: str,
        quantity: Decimal,
        limit_price: Decimal | None,
        number: int = 0,
    ) -> None:
        """Ask for a new total quantity (what is filled counts in it) and limit price.

        ``number`` counts the requests about an order from 1 on: one that comes after a later one,
        as when it was sent twice, changes nothing. 0 is a request without a number.
        """

    def reports(self) -> list[Report]:
        """What has been said since the last call, without waiting."""
        ...

    def order(self, client_order_id: str) -> VenueOrder | None:
        """What the venue knows of an order; None when it never saw it."""
        ...

    def open_orders(self) -> tuple[VenueOrder, ...]: ...

    def executions(self, since: datetime | None = None) -> tuple[Filled, ...]:
        """All of them, or those from ``since`` on, in the venue's order."""
        ...

    def positions(self) -> Mapping[tuple[str, str], Decimal]:
        """What the venue's executions add up to, by (portfolio_id, instrument_id)."""
        ...

    def quotes(self, instrument_ids: Collection[str]) -> Mapping[str, Quote]:
        """Of those that the venue knows."""
        ...

    def traded(self, instrument_id: str, start: datetime, end: datetime) -> Traded | None:
        """What its market traded, whoever did; None of what the venue does not list, or of a time
        that it no longer knows all of."""
        ...

    def now(self) -> datetime:
        """The venue's time."""
        ...

    def statement(self, day: date) -> tuple[Filled, ...]:
        """The executions of a day as the venue's books have them, for the match after close."""
        ...

    def close(self) -> None: ...
