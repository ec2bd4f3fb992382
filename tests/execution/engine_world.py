"""A small world for the engine: a ledger in a file, a paper venue in memory, an open gate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from riskplatform.domain.instruments import Equity
from riskplatform.domain.orders import Order, Side
from riskplatform.domain.portfolio import PortfolioNode
from riskplatform.execution.breakers import BreakerRules
from riskplatform.execution.controls import Controls
from riskplatform.execution.engine import Engine
from riskplatform.execution.engine_rules import EngineRules, Turn
from riskplatform.execution.gateways.gateway import Gateway, Quote
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.execution.paper.market import DayMarket, Listing, Tick
from riskplatform.execution.paper.rules import FeeSchedule, Latency, VenueRules
from riskplatform.execution.paper.service import PaperService
from riskplatform.execution.paper.store import VenueFacts, VenueStore
from riskplatform.execution.parents import Parent, Slice
from riskplatform.store.ledger import Ledger
from tests.execution.paper.paper_markets import CLOSE, DAY, OPEN

NAMES = ("ACME", "BETA")
PATIENT = EngineRules(answer_seconds=3.0, ask_seconds=1.0, reconcile_seconds=20.0)
LOOSE = BreakerRules(daily_loss=None, drawdown=None, reject_share=None, orders_per_window=None,
                     stale_seconds=None)  # fmt: skip


def active_market(names: Iterable[str] = NAMES, seconds: int = 5) -> DayMarket:
    """A trade of 400 at 100 every few seconds, a hundred shown on each side, all day."""
    count = int((CLOSE - OPEN).total_seconds() // seconds)
    ticks = tuple(
        Tick(
            at=OPEN + timedelta(seconds=seconds * number),
            price=Decimal(100), size=Decimal(400),
            bid=Decimal(99), ask=Decimal(101), bid_size=Decimal(100), ask_size=Decimal(100),
        )
        for number in range(count)
    )  # fmt: skip
    listings = tuple(
        Listing(instrument_id=name, currency="USD", opens_at=OPEN, closes_at=CLOSE, ticks=ticks)
        for name in names
    )
    return DayMarket(day=DAY, listings=listings)


def make_ledger(url: str, clock: Any) -> Ledger:
    """A firm with one leaf, and two shares."""
    ledger = Ledger.create(url, clock=clock)
    ledger.put_portfolios(
        [
            PortfolioNode(portfolio_id="FIRM", name="Firm", level="firm"),
            PortfolioNode(portfolio_id="LONG", name="Long", parent_id="FIRM"),
        ],
        actor="setup",
    )
    ledger.put_instruments(shares(), actor="setup")
    return ledger


def shares() -> list[Equity]:
    return [Equity(instrument_id=name, name=name, currency="USD") for name in NAMES]


def make_service(*, seed: int = 1, reject: float = 0.0, market: DayMarket | None = None,
                 store: VenueStore | None = None) -> PaperService:  # fmt: skip
    rules = VenueRules(
        levels=2, participation=Decimal("0.5"), reject_probability=reject,
        latency=Latency(fixed_ms=1.0, mean_extra_ms=2.0), fees=FeeSchedule(bp=Decimal(1)),
    )  # fmt: skip
    service = PaperService(store or VenueStore.create(None, VenueFacts("PV", seed, rules)))
    PaperGateway.within(service).open_day(market or active_market())
    return service


@dataclass
class Said:
    """A decision of the gate of these tests."""

    quantity: Decimal
    reason: str = "it may"

    @property
    def is_allowed(self) -> bool:
        return self.quantity > 0

    def to_dict(self) -> Mapping[str, Any]:
        return {"quantity": str(self.quantity), "reason": self.reason}


@dataclass
class OpenGate:
    """Lets everything pass, or at most ``most`` of an order, and remembers what it was told."""

    most: Decimal | None = None
    told: list[tuple[str, str]] = field(default_factory=list)

    def judge(self, order: Order, at: datetime) -> Said:
        if self.most is None:
            return Said(order.quantity)
        return Said(min(self.most, order.quantity), "no more than fits")

    def judge_replace(
        self, client_order_id: str, quantity: Decimal, limit_price: Decimal | None, at: datetime
    ) -> Said:
        if self.most is None or quantity <= self.most:
            return Said(quantity)
        return Said(Decimal(0), "no more than fits")

    def sent(self, order: Order, at: datetime) -> None:
        self.told.append(("sent", order.client_order_id))

    def messaged(self, at: datetime) -> None:
        self.told.append(("messaged", ""))

    def filled(self, client_order_id: str, quantity: Decimal) -> None:
        self.told.append((f"filled {quantity}", client_order_id))

    def replaced(
        self, client_order_id: str, quantity: Decimal, limit_price: Decimal | None
    ) -> None:
        self.told.append(("replaced", client_order_id))

    def closed(self, client_order_id: str) -> None:
        self.told.append(("closed", client_order_id))

    def quoted(self, quotes: Quote | Iterable[Quote]) -> None:
        """Nothing depends on prices here."""


def parent(
    quantity: int = 200, slices: int = 2, every_seconds: int = 20, *, side: Side = Side.BUY,
    instrument_id: str = "ACME", approval_id: str = "APPROVAL", hours: float = 5, **terms: Any,
) -> Parent:  # fmt: skip
    """Equal slices from the opening on."""
    return Parent(
        approval_id=approval_id, portfolio_id="LONG", instrument_id=instrument_id, side=side,
        quantity=Decimal(quantity), currency="USD", reference_price=Decimal(100),
        approved_at=OPEN - timedelta(hours=1), expires_at=OPEN + timedelta(hours=hours),
        slices=tuple(
            Slice(OPEN + timedelta(seconds=number * every_seconds), Decimal(quantity // slices))
            for number in range(slices)
        ),
        **terms,
    )  # fmt: skip


class World:
    """All of it; ``crash`` forgets the engine and makes another from what is durable."""

    def __init__(self, folder: Path, *, reject: float = 0.0, gate: OpenGate | None = None,
                 breakers: BreakerRules = LOOSE, rules: EngineRules = PATIENT,
                 market: DayMarket | None = None, url: str = "") -> None:  # fmt: skip
        self.folder, self.gate = folder, gate or OpenGate()
        self.breakers, self.rules = breakers, rules
        self.service = make_service(reject=reject, market=market)
        self.venue = PaperGateway.within(self.service)
        self.clock: Callable[[], datetime] = self.venue.now
        self.ledger = make_ledger(url or f"sqlite:///{folder / 'ledger.sqlite'}", self.venue.now)
        self.gateway: Gateway = PaperGateway.within(self.service)
        self.engine = self.make()

    def make(self, gateway: Gateway | None = None) -> Engine:
        self.gateway = gateway or PaperGateway.within(self.service)
        self.controls = Controls(self.ledger.journal, self.folder, self.clock)
        return Engine(
            ledger=self.ledger, gateway=self.gateway, gate=self.gate, controls=self.controls,
            instruments={each.instrument_id: each for each in shares()}, clock=self.clock,
            rates={"USD": 1.0}, rules=self.rules, breakers=self.breakers,
        )  # fmt: skip

    def crash(self, gateway: Gateway | None = None) -> None:
        self.gate = OpenGate(self.gate.most)
        self.engine = self.make(gateway)

    def go_on(self, seconds: float = 1.0) -> Turn:
        self.venue.advance(self.venue.now() + timedelta(seconds=seconds))
        return self.engine.turn()

    def go_on_for(self, turns: int, seconds: float = 1.0) -> Turn:
        """Several steps; what the last one did."""
        told = self.engine.turn()
        for _ in range(turns):
            told = self.go_on(seconds)
        return told

    def run(self, seconds: int = 120) -> Turn:
        """Second by second, until all is done."""
        told = self.engine.turn()
        for _ in range(seconds):
            if self.engine.is_done:
                break
            told = self.go_on()
        return told

    def in_ledger(self) -> dict[tuple[str, str], Decimal]:
        """What the ledger's positions say, without cash."""
        return {
            (portfolio, name): quantity
            for portfolio, name, quantity, _ in self.ledger.positions(DAY)
            if not name.startswith("CASH") and quantity
        }

    def check(self) -> None:
        """What must hold at any end: no fill lost or doubled, both books equal, chain intact."""
        executions = self.venue.executions()
        ids = [each.execution_id for each in executions]
        journal = self.ledger.journal
        booked = [each.rpartition("/")[2] for each in journal.subjects("execution")]
        assert sorted(booked) == sorted(ids)
        assert self.in_ledger() == {k: q for k, q in self.venue.positions().items() if q}
        recorded = set(journal.subjects("order"))
        assert {each.client_order_id for each in executions} <= recorded
        for line, parent_ in self.engine.blotter.parents.items():
            assert self.engine.blotter.filled[line] <= parent_.quantity
        report = self.ledger.audit.verify()
        assert report.is_intact, str(report)
