"""The matching once more, one unit at a time on whole numbers, as plainly as it can be said.

Nothing is shared with the program but the input: no heaps, no sorted lines, no levels that
remember; each unit looks at everybody. Latency is nothing, lots are one, prices step by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from riskplatform.execution.paper.market import Tick
from riskplatform.execution.paper.messages import OrderSent, ReplaceSent, Request
from riskplatform.execution.paper.rules import VenueRules

FAR = 10**9


@dataclass
class Slow:
    """One order, in numbers: prices of a seller are turned round, so that more is keener."""

    name: str
    sign: int
    quantity: int
    kind: str
    good: str
    price: int
    stop: int
    rank: int = 0
    ahead: int = 0
    got: int = 0
    rests: bool = False
    state: str = "open"

    @property
    def keenness(self) -> tuple[int, int]:
        return (-self.price, self.rank)


@dataclass
class SlowMatcher:
    """Fills as (name, quantity, price, moment), in order."""

    ticks: Sequence[Tick]
    rules: VenueRules
    close: datetime
    orders: list[Slow] = field(default_factory=list)
    fills: list[tuple[str, int, int, datetime]] = field(default_factory=list)
    ladder: dict[tuple[int, int], int] = field(default_factory=dict)
    tick: Tick | None = None
    last: int | None = None
    ranks: int = 0
    now: datetime = datetime.min

    def run(self, messages: Sequence[Request]) -> list[tuple[str, int, int, datetime]]:
        events: list[tuple[datetime, int, int, object]] = [(self.close, 2, 0, None)]
        events += [(tick.at, 0, n, tick) for n, tick in enumerate(self.ticks)]
        events += [(one.at, 1, n, one) for n, one in enumerate(messages)]
        for moment, kind, _, what in sorted(events, key=lambda event: event[:3]):
            self.now = moment
            if kind == 2:
                for order in self._live():
                    order.state = "open" if order.good == "gtc" else "expired"
            elif isinstance(what, Tick):
                self._tick(what)
            else:
                self._message(what)
        return self.fills

    def _live(self) -> list[Slow]:
        return [order for order in self.orders if order.state == "open"]

    def _line(self, sign: int) -> list[Slow]:
        """Who works on a side, the keenest first."""
        mine = [o for o in self._live() if o.sign == sign and not o.stop]
        return sorted(mine, key=lambda order: order.keenness)

    # ------------------------------------------------------------------ the market

    def _tick(self, tick: Tick) -> None:
        self.tick = tick
        self.ladder = {}
        for sign, touch, shown in ((1, tick.ask, tick.ask_size), (-1, tick.bid, tick.bid_size)):
            for level in range(self.rules.levels if touch is not None else 0):
                # impact of the tests is one price step a level
                self.ladder[sign, int(touch or 0) + sign * level] = int(shown)
        if tick.price is not None:
            self.last = int(tick.price)
            self._fire_stops()
            self._print(int(tick.price), int(tick.size))
        for sign, own, shown in ((1, tick.bid, tick.bid_size), (-1, tick.ask, tick.ask_size)):
            for order in self._line(sign) if own is not None else []:
                if order.rests and order.price == sign * int(own or 0):
                    order.ahead = min(order.ahead, int(shown))
                elif order.rests and order.price > sign * int(own or 0):
                    order.ahead = 0
        for sign in (1, -1):
            met = self._touch(sign)
            for order in self._line(sign) if met is not None else []:
                if order.price >= sign * (met or 0):
                    order.ahead = 0
                    self._take(order)
                    if order.good == "ioc" and order.state == "open":
                        order.state = "cancelled"
                elif not order.rests:
                    order.rests, order.ahead = True, 0

    def _touch(self, sign: int) -> int | None:
        assert self.tick is not None
        price = self.tick.ask if sign > 0 else self.tick.bid
        return None if price is None else int(price)

    def _fire_stops(self) -> None:
        for sign in (1, -1):
            waiting = [o for o in self._live() if o.sign == sign and o.stop]
            for order in sorted(waiting, key=lambda one: (sign * one.stop, one.rank)):
                if self.last is not None and sign * self.last >= sign * order.stop:
                    self.ranks += 1
                    order.stop, order.rank = 0, self.ranks

    def _print(self, price: int, size: int) -> None:
        budget = int(Fraction(self.rules.participation) * size)
        left = size
        gained: dict[str, int] = {}
        for sign in (1, -1):
            line = [o for o in self._line(sign) if o.rests and o.price >= sign * price]
            for order in line:
                if order.price > sign * price:
                    order.ahead = 0
            budget_units, others = budget, 0
            for _ in range(left):
                # The unit goes to the first in line: others who stand before, or one of us.
                for order in line:
                    if order.ahead > 0:
                        for behind in line[line.index(order) :]:
                            behind.ahead -= 1
                        others += 1
                        break
                    if order.state == "open" and budget_units:
                        self._give(order, gained)
                        budget_units -= 1
                        break
            left -= budget - budget_units
            budget = budget_units
        names = {order.name: order for order in self.orders}
        for name, got in gained.items():
            order = names[name]
            self.fills.append((name, got, order.sign * order.price, self.now))

    @staticmethod
    def _give(order: Slow, gained: dict[str, int]) -> None:
        order.got += 1
        gained[order.name] = gained.get(order.name, 0) + 1
        if order.got == order.quantity:
            order.state = "filled"

    def _take(self, order: Slow) -> None:
        """Unit by unit from the nearest price that still shows something."""
        paid: dict[int, int] = {}
        while order.state == "open":
            levels = [
                price
                for (sign, price), left in self.ladder.items()
                if sign == order.sign and left and sign * price <= order.price
            ]
            if not levels:
                break
            price = min(levels, key=lambda one: order.sign * one)
            self.ladder[order.sign, price] -= 1
            paid[price] = paid.get(price, 0) + 1
            self._give(order, {})
        for price, got in paid.items():
            shown = order.sign * order.price if order.rests else price
            self.fills.append((order.name, got, shown, self.now))

    # ------------------------------------------------------------------ messages

    def _message(self, message: object) -> None:
        if isinstance(message, OrderSent):
            self._submit(message)
            return
        assert isinstance(message, ReplaceSent) or hasattr(message, "client_order_id")
        name = message.client_order_id
        found = [order for order in self._live() if order.name == name]
        for order in found:
            if isinstance(message, ReplaceSent):
                self._replace(order, message)
            else:
                order.state = "cancelled"

    def _submit(self, message: OrderSent) -> None:
        order = message.order
        sign = order.side.sign
        if any(known.name == order.client_order_id for known in self.orders):
            return
        made = Slow(
            name=order.client_order_id,
            sign=sign,
            quantity=int(order.quantity),
            kind=str(order.order_type),
            good=str(order.time_in_force),
            price=FAR if order.limit_price is None else sign * int(order.limit_price),
            stop=int(order.stop_price or 0),
        )
        self.orders.append(made)
        if self.now > self.close:
            made.state = "rejected"
            return
        self._enter(made)

    def _enter(self, order: Slow) -> None:
        self.ranks += 1
        order.rank = self.ranks
        sign = order.sign
        if order.stop and self.last is not None and sign * self.last >= sign * order.stop:
            order.stop = 0
        if order.stop:
            return
        if self.tick is not None:
            self._take(order)
            touch = self._touch(sign)
            meets = touch is not None and sign * touch <= order.price
            if order.state == "open" and order.kind == "limit" and not meets:
                self._rest(order)
        if order.good == "ioc" and order.state == "open":
            order.state = "cancelled"

    def _rest(self, order: Slow) -> None:
        assert self.tick is not None
        own = self.tick.bid if order.sign > 0 else self.tick.ask
        shown = self.tick.bid_size if order.sign > 0 else self.tick.ask_size
        alone = own is None or order.price > order.sign * int(own)
        others = [o.ahead for o in self._line(order.sign) if o.rests and o.price == order.price]
        order.ahead = max([0 if alone else int(shown), *others])
        order.rests = True

    def _replace(self, order: Slow, message: ReplaceSent) -> None:
        quantity = int(message.quantity)
        price = order.price
        if message.limit_price is not None:
            if order.kind != "limit":
                return
            price = order.sign * int(message.limit_price)
        if quantity <= order.got:
            return
        loses = price != order.price or quantity > order.quantity
        order.price, order.quantity = price, quantity
        if loses:
            order.rests = False
            self._enter(order)
