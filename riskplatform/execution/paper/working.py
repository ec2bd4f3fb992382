"""An order as the venue's book works it, and the line of orders of one side."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from riskplatform.domain.orders import Order, OrderType, Side
from riskplatform.execution.gateways.gateway import VenueOrder

_NO_PRICE = Decimal("-Infinity")
_AFTER_ALL = 1 << 62


@dataclass(slots=True, kw_only=True)
class Working:
    """An order and where it stands.

    ``ahead`` is what others show before it at its price. ``is_resting`` says that it waits at its
    limit; else it takes what the other side shows. ``rank`` is its place in time; ``replaces`` the
    number of the last request to replace it; ``name`` is its client order id, kept because it is a
    digest.
    """

    order: Order
    name: str
    venue_order_id: str
    at: datetime
    status: str = "open"
    filled: Decimal = Decimal(0)
    notional: Decimal = Decimal(0)
    fee: Decimal = Decimal(0)
    fills: int = 0
    rank: int = -1
    replaces: int = 0
    ahead: Decimal = Decimal(0)
    is_resting: bool = False
    is_triggered: bool = False

    @property
    def left(self) -> Decimal:
        return self.order.quantity - self.filled

    @property
    def is_in_book(self) -> bool:
        """Whether the book has it, and has not finished with it."""
        return self.rank >= 0 and self.status == "open"

    @property
    def limit(self) -> Decimal | None:
        return self.order.limit_price

    @property
    def waits_for_stop(self) -> bool:
        return self.order.order_type is OrderType.STOP and not self.is_triggered

    def takes(self, price: Decimal) -> bool:
        """Whether it would trade at ``price``."""
        if self.limit is None:
            return True
        return self.limit >= price if self.order.side is Side.BUY else self.limit <= price

    def change(self, quantity: Decimal, limit_price: Decimal | None) -> None:
        self.order = replace(self.order, quantity=quantity, limit_price=limit_price)

    @property
    def seen(self) -> VenueOrder:
        """As it is told to those who ask."""
        return VenueOrder(
            order=self.order,
            venue_order_id=self.venue_order_id,
            status=self.status,
            filled=self.filled,
            at=self.at,
        )


class Line:
    """Orders of one side in their priority: the keenest price first, then the earliest."""

    def __init__(self) -> None:
        self._keys: list[tuple[Decimal, int]] = []
        self._orders: dict[int, Working] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[Working]:
        """From the first on. An order may be removed while it is the one being looked at."""
        place = 0
        while place < len(self._keys):
            key = self._keys[place]
            yield self._orders[key[1]]
            if place < len(self._keys) and self._keys[place] == key:
                place += 1

    def add(self, working: Working) -> None:
        insort(self._keys, _key(working))
        self._orders[working.rank] = working

    def remove(self, working: Working) -> None:
        if self._orders.pop(working.rank, None) is not None:
            del self._keys[bisect_left(self._keys, _key(working))]

    def last_at(self, price: Decimal, side: Side) -> Working | None:
        """The latest of the orders that rest at ``price``."""
        wanted = price if side is Side.SELL else -price
        place = bisect_left(self._keys, (wanted, _AFTER_ALL))
        while place and self._keys[place - 1][0] == wanted:
            place -= 1
            working = self._orders[self._keys[place][1]]
            if working.is_resting:
                return working
        return None


def _key(working: Working) -> tuple[Decimal, int]:
    price = working.order.stop_price if working.waits_for_stop else working.limit
    if price is None:
        return (_NO_PRICE, working.rank)
    # A stop to buy waits for high prices, a limit to buy is the keener the higher it is.
    is_ascending = (working.order.side is Side.SELL) != working.waits_for_stop
    return (price if is_ascending else -price, working.rank)
