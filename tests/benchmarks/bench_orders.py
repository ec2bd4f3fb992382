"""Durable order events: an order sent, accepted and filled is three events that survive a crash.

The engine writes what it heard in one turn in one commit; beside it one commit for each event.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.harness import Case

BUILD = Path(__file__).resolve().parents[2] / "build" / "bench"
GROUP = 100
"""Events in a commit: what a busy turn of the engine hears."""


class Book:
    """A ledger, and ever new orders to write about."""

    def __init__(self, ledger: Any) -> None:
        self.ledger, self.orders = ledger, 0

    def events(self, count: int) -> list[Any]:
        """Three for each order."""
        from riskplatform.store.ledger import Event

        found: list[Any] = []
        while len(found) < count:
            name = f"{self.orders:020x}"
            self.orders += 1
            order = {
                "key": {"approval_id": "a1b2c3d4e5f6", "portfolio_id": "GEQ.NAM.CORE",
                        "instrument_id": "AAPL.XNAS", "slice": self.orders, "attempt": 0},
                "side": "buy", "quantity": "1200", "currency": "USD", "order_type": "limit",
                "limit_price": "187.25", "time_in_force": "day",
            }  # fmt: skip
            at = "2026-11-27T14:30:00.123456+00:00"
            found += [
                Event("order", name, 0, {"event": "sent", "gateway": "paper", "order": order}),
                Event("order", name, 1, {"event": "accepted", "venue_order_id": "V1", "at": at}),
                Event("order", name, 2, {"event": "filled", "execution_id": f"E{name}", "at": at,
                                         "quantity": "1200", "price": "187.24", "fee": "1.2",
                                         "fee_currency": "USD"}),
            ]  # fmt: skip
        return found[:count]


def in_sqlite() -> Iterator[Book]:
    from riskplatform.store.ledger import Ledger

    BUILD.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=BUILD))
    with Ledger.create(f"sqlite:///{folder / 'ledger.sqlite'}") as ledger:
        yield Book(ledger)
    shutil.rmtree(folder)


def in_postgres() -> Iterator[Book]:
    """A server of its own that waits for the disk, as one in earnest does."""
    from riskplatform.store.ledger import Ledger
    from tests.fixtures.postgres import Cluster, find_programs

    programs = find_programs()
    if programs is None:
        raise RuntimeError("no PostgreSQL server found; on Debian: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="riskplatform-pg-"))
    cluster = Cluster(programs, folder)
    cluster.start(durable=True)
    try:
        with Ledger.create(cluster.url("postgres")) as ledger:
            yield Book(ledger)
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def written(book: Book, count: int, group: int) -> int:
    events = book.events(count)
    for start in range(0, count, group):
        part = events[start : start + group]
        book.ledger.journal.append(part, actor="execution engine", action="order events")
    return count


def of(count: int, group: int) -> Callable[[Book], int]:
    return lambda book: written(book, count, group)


FEW = 300
"""So many that a commit for each can be waited for."""

CASES = [
    Case(
        name="orders: 2,100 durable events in SQLite, a commit for each 100",
        setup=in_sqlite,
        ours=of(2_100, GROUP),
        target="≤ 1.05 s",
    ),
    Case(
        name="orders: 5,100 durable events in PostgreSQL, a commit for each 100",
        setup=in_postgres,
        ours=of(5_100, GROUP),
        target="≤ 1.02 s",
    ),
    Case(
        name="orders: 300 durable events in SQLite, beside one commit each",
        setup=in_sqlite,
        ours=of(FEW, GROUP),
        peer=of(FEW, 1),
        peer_name="a commit for each event",
        repeats=3,
    ),
    Case(
        name="orders: 300 durable events in PostgreSQL, beside one commit each",
        setup=in_postgres,
        ours=of(FEW, GROUP),
        peer=of(FEW, 1),
        peer_name="a commit for each event",
        repeats=3,
    ),
]
