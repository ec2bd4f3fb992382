"""The gate before the venue on the demo firm: every check and every limit, order by order.

The case is timed for a hundred orders of a book of shares, so its target is a hundred times that
of one. The plain version judges the limits outright and lets everything else pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.benchmarks.bench_desk import AS_OF, demo
from tests.benchmarks.harness import Case

LEAF, ORDERS = "GEQ.NAM.CORE", 100
NOW = datetime(2026, 6, 30, 15, 0, tzinfo=UTC)
OPEN = {"1x": 20, "10x": 200, "100x": 2_000}


class Ready:
    """A gate of the demo firm with so many open orders, and orders to ask about."""

    def __init__(self, desk: Any, open_orders: int) -> None:
        import gc

        import numpy as np

        from riskplatform.execution.gate import Gate, rules_of

        # As the program itself does when it starts.
        gc.set_threshold(50_000, 20, 50)

        self.limits = desk.limit_book(AS_OF, with_exposures=True)
        book = self.limits.book
        known = desk.instruments()
        rules = rules_of("messages: {at_most: 100000}\nrepeats: {at_most: 100000}")
        self.gate = Gate(self.limits, known, rules)
        # Of a share without a volume nobody can say how long it takes to unwind: it is blocked.
        is_dealt = (book.kinds == "equity") & np.isfinite(book.known.daily_volumes)
        held = np.flatnonzero(book.held_by(LEAF) * is_dealt)
        # Shares of New York alone: one market is open at a time.
        names = [book.instrument_ids[place] for place in held]
        self.names = [name for name in names if known[name].calendar in ("XNYS", "XNAS")][:50]
        self.prices = {name: _price(book, name) for name in self.names}
        self.gate.prepare(self.names, NOW)
        self.gate.approve(self._approval(known))
        self._quote()
        for number in range(open_orders):
            self.gate.sent(self.order(number, 1 + number % 7), NOW - timedelta(minutes=1))
        self.asked = [self.order(100_000 + number, 10) for number in range(ORDERS)]

    def order(self, number: int, quantity: int) -> Any:
        from riskplatform.domain.orders import Order, OrderKey, OrderType, Side

        name = self.names[number % len(self.names)]
        return Order(
            key=OrderKey("bench", LEAF, name, number), side=Side.BUY, quantity=Decimal(quantity),
            currency="USD", order_type=OrderType.LIMIT, limit_price=self.prices[name],
        )  # fmt: skip

    def _approval(self, known: Any) -> Any:
        from riskplatform.domain.targets import ApprovedTargets, TargetTrade

        trades = tuple(
            TargetTrade(
                instrument_id=name, portfolio_id=LEAF, quantity=Decimal(10_000_000),
                reference_price=self.prices[name], currency=known[name].currency,
            )
            for name in self.names
        )  # fmt: skip
        return ApprovedTargets(
            approval_id="bench", proposal_id="bench", digest="", node=LEAF, as_of=AS_OF,
            base_currency="USD", approved_by="bench", approved_at=NOW - timedelta(hours=1),
            expires_at=NOW + timedelta(hours=1), trades=trades,
        )  # fmt: skip

    def _quote(self) -> None:
        from riskplatform.execution.gateways.gateway import Quote

        for name, price in self.prices.items():
            self.gate.quoted(Quote(instrument_id=name, bid=price, ask=price, last=price, at=NOW))


def _price(book: Any, name: str) -> Decimal:
    return Decimal(f"{float(book.known.values[book.place(name)]):.2f}")


def with_open(count: int) -> Callable[[], Iterator[Ready]]:
    def setup() -> Iterator[Ready]:
        for desk in demo():
            yield Ready(desk, count)

    return setup


def judged(ready: Ready) -> object:
    found = [ready.gate.judge(order, NOW) for order in ready.asked]
    for each in found:
        assert each.is_allowed, each.reason
    return found


def limits_outright(ready: Ready) -> object:
    from riskplatform.risk.what_if import Trade, WhatIf

    what_if = WhatIf(ready.limits.book, ready.limits)
    found = []
    for order in ready.asked:
        trade = Trade(order.key.instrument_id, order.quantity, LEAF)
        state = what_if.state_of([trade])
        found.append(ready.limits.judge(state, state.changes).counts)
    return found


CASES = [
    Case(
        name=f"gate: {ORDERS} orders through every check, 20 open, beside the limits judged anew",
        setup=with_open(OPEN["1x"]),
        ours=judged,
        peer=limits_outright,
        peer_name="what-if and judge of the same trades, limits alone",
        target="≤ 20 ms",
        repeats=15,
    ),
    *(
        Case(
            name=f"gate: {ORDERS} orders through every check, {count:,} orders open ({times})",
            setup=with_open(count),
            ours=judged,
            target="≤ 20 ms",
            repeats=15,
        )
        for times, count in list(OPEN.items())[1:]
    ),
]
