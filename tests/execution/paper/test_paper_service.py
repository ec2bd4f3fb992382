"""The service on its store: durable before it is said, the same after it is opened again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from riskplatform.domain.codec import to_terms
from riskplatform.errors import DamagedStoreError, GatewayError, StoreError, UserInputError
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.execution.paper.clock import LEASE_SECONDS, VenueClock
from riskplatform.execution.paper.handshake import DATABASE_FILE
from riskplatform.execution.paper.server import create_venue, lock_of, serve
from riskplatform.execution.paper.service import PaperService
from riskplatform.execution.paper.store import VenueStore
from riskplatform.execution.paper.venue import Venue
from tests.execution.paper.paper_markets import CLOSE, DAY, OPEN, PLAIN, at, market, order, tick


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create_venue(tmp_path / "venue", PLAIN, seed=7)
    return tmp_path / "venue"


def served(folder: Path, speed: float = 0.0) -> PaperService:
    return PaperService(VenueStore.open(folder / DATABASE_FILE), speed=speed)


@pytest.fixture
def service(folder: Path) -> Iterator[PaperService]:
    made = served(folder)
    PaperGateway.within(made).open_day(market(tick(0, 100), tick(10, 100, 60)))
    yield made
    made.close()


def on_disk(folder: Path, table: str) -> int:
    """Rows as another process sees them."""
    with sqlite3.connect(folder / DATABASE_FILE) as connection:
        count: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    connection.close()
    return count


def test_order_and_executions_are_on_disk_before_the_reply(
    folder: Path, service: PaperService
) -> None:
    replies = service.handle([{"do": "submit", "order": to_terms(order(1, quantity=150))}])
    assert replies == [{"ok": None}]
    # The day and the order; accepted and two fills.
    assert (on_disk(folder, "messages"), on_disk(folder, "reports")) == (2, 3)


def test_what_came_together_shares_a_commit(folder: Path, service: PaperService) -> None:
    commits: list[str] = []
    service._store._connection.set_trace_callback(commits.append)
    requests = [{"do": "submit", "order": to_terms(order(n, limit=90))} for n in range(50)]
    service.handle(requests)
    assert commits.count("COMMIT") == 1
    assert on_disk(folder, "messages") == 51


def test_reading_writes_nothing(service: PaperService) -> None:
    commits: list[str] = []
    service._store._connection.set_trace_callback(commits.append)
    gateway = PaperGateway.within(service)
    assert gateway.open_orders() == ()
    assert gateway.reports() == []
    assert commits == []


def test_a_venue_that_cannot_write_says_nothing_and_stops(
    folder: Path, service: PaperService
) -> None:
    """The disk is full: the order is unknown after the restart, and nobody was told otherwise."""
    service._store._connection.execute("PRAGMA max_page_count = 1")
    gateway = PaperGateway.within(service)
    big = [{"do": "submit", "order": to_terms(order(n))} for n in range(400)]
    with pytest.raises(StoreError, match="cannot write"):
        service.handle(big)
    with pytest.raises(GatewayError, match="start it again"):
        gateway.now()
    again = served(folder)
    assert again.venue.order(order(1).client_order_id) is None
    assert again.venue.reports == []
    again.close()


def test_a_changed_message_is_found(folder: Path, service: PaperService) -> None:
    PaperGateway.within(service).submit(order(1, quantity=150))
    service.close()
    with sqlite3.connect(folder / DATABASE_FILE) as connection:
        connection.execute("UPDATE messages SET body = replace(body, '\"150\"', '\"120\"')")
    connection.close()
    with pytest.raises(DamagedStoreError, match="report 3 of 3 does not follow"):
        served(folder)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "other.sqlite").close()
    (tmp_path / "other.sqlite").touch()
    with pytest.raises(DamagedStoreError, match="not the file of a paper venue"):
        VenueStore.open(tmp_path / "other.sqlite")
    (tmp_path / "text").write_text("no database at all, whatever it is called" * 100)
    with pytest.raises(DamagedStoreError, match="cannot be read"):
        VenueStore.open(tmp_path / "text")
    with pytest.raises(UserInputError, match="no paper venue"):
        VenueStore.open(tmp_path / "nothing")


def test_a_venue_is_not_made_twice(folder: Path) -> None:
    with pytest.raises(UserInputError, match="already"):
        create_venue(folder, PLAIN, seed=7)


def test_only_one_process_serves_a_venue(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "riskplatform.execution.paper.server.lock_of", lambda place: lock_of(place, 0.01)
    )
    with lock_of(folder), pytest.raises(StoreError, match="being written by"):
        serve(folder, speed=0.0)


def test_a_day_must_follow(service: PaperService) -> None:
    gateway = PaperGateway.within(service)
    with pytest.raises(UserInputError, match="is not over"):
        gateway.open_day(market(tick(0, 100)))
    gateway.advance(CLOSE + timedelta(seconds=1))
    with pytest.raises(UserInputError, match="which is over"):
        gateway.open_day(market(tick(0, 100)))
    assert gateway.facts()["day"] == DAY.isoformat()


def test_time_does_not_go_back(service: PaperService) -> None:
    gateway = PaperGateway.within(service)
    gateway.advance(at(5))
    with pytest.raises(UserInputError, match="does not go back"):
        gateway.advance(at(4))
    assert gateway.now() == at(5)


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        ({"do": "dance"}, "no request named 'dance'"),
        ({}, "no request named 'None'"),
        ({"do": "submit"}, "cannot be read"),
        ({"do": "submit", "order": {"side": "buy"}}, "lacks key"),
        ({"do": "submit", "order": 5}, "cannot be read"),
        ({"do": "replace", "client_order_id": "x", "quantity": "many"}, "quantity is 'many'"),
        ({"do": "replace", "client_order_id": "x", "quantity": "NaN"}, "quantity is 'NaN'"),
        ({"do": "replace", "quantity": "5"}, "client_order_id"),
        ({"do": "advance", "to": "2026-03-06T15:00:00"}, "no time zone"),
        ({"do": "advance", "to": "9999-03-06T15:00:00+00:00"}, "in one step"),
        ({"do": "executions", "since": "yesterday"}, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_said(
    service: PaperService, request_: dict[str, object], why: str
) -> None:
    (reply,) = service.handle([request_])
    assert why in reply["error"]
    assert reply["is_yours"] is True
    assert len(service.venue.reports) == 0


@pytest.mark.parametrize("number", ["1e13", "1e40", "1e4000", "1e-40", "0.5"])
def test_no_number_can_break_the_books(folder: Path, service: PaperService, number: str) -> None:
    """Refused in words, when sent and when replaced; the venue goes on, also from its file."""
    gateway = PaperGateway.within(service)
    gateway.submit(replace(order(1), quantity=Decimal(number)))
    gateway.submit(order(2, limit=90))
    gateway.replace(order(2).client_order_id, Decimal(number), None)
    price = replace(order(3, limit=90), limit_price=Decimal(f"-{number}"))
    gateway.submit(price)
    gateway.advance(at(20))
    kinds = [type(one).__name__ for one in gateway.reports()]
    assert kinds[:3] == ["Rejected", "Accepted", "ReplaceRejected"]
    assert gateway.executions() == ()
    again = served(folder)
    assert again.venue.reports == service.venue.reports
    again.close()


def test_a_venue_that_fails_on_a_message_forgets_it(
    folder: Path, service: PaperService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the defect: what is on the disk is whole, and the venue starts from it."""
    gateway = PaperGateway.within(service)
    gateway.submit(order(1, limit=90))
    monkeypatch.setattr(Venue, "_post", lambda *_: 1 / 0)
    with pytest.raises(GatewayError, match="failed on a message"):
        gateway.submit(order(2))
    with pytest.raises(GatewayError, match="start it again"):
        gateway.now()
    monkeypatch.undo()
    again = served(folder)
    assert [one.order for one in again.venue.open_orders()] == [order(1, limit=90)]
    again.close()


def test_long_answers_come_in_pages(service: PaperService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskplatform.execution.paper.service.PAGE", 7)
    gateway = PaperGateway.within(service)
    for number in range(20):
        gateway.submit(order(number, quantity=5))
    assert len(gateway.reports()) == 40
    assert gateway.reports() == []
    assert len(gateway.executions()) == len(gateway.statement(DAY)) == 20


# ---------------------------------------------------------------------- time


def test_a_running_clock_goes_at_its_speed() -> None:
    wall = [100.0]
    clock = VenueClock(OPEN, 60.0, lambda: wall[0])
    wall[0] += 2.5
    assert clock.now() == OPEN + timedelta(seconds=150)
    clock.move(OPEN + timedelta(seconds=200))
    wall[0] += 1
    assert clock.now() == OPEN + timedelta(seconds=260)
    assert clock.lease == timedelta(seconds=60 * LEASE_SECONDS)


def test_a_standing_clock_stands() -> None:
    wall = [100.0]
    clock = VenueClock(OPEN, 0.0, lambda: wall[0])
    wall[0] += 1_000
    assert clock.now() == OPEN


def test_a_restart_never_goes_back(folder: Path) -> None:
    """A running venue may not have written its last moment; what it wrote is ahead of it."""
    first = served(folder, speed=1_000.0)
    gateway = PaperGateway.within(first)
    gateway.open_day(market(tick(0, 100)))
    seen = gateway.now()
    for _ in range(50):
        seen = gateway.now()
    # No close: it is killed.
    second = served(folder, speed=1_000.0)
    assert PaperGateway.within(second).now() >= seen
    first.close()
    second.close()


def test_a_new_venue_has_no_time_yet(folder: Path) -> None:
    service = served(folder)
    assert PaperGateway.within(service).now() < datetime(1900, 1, 1, tzinfo=UTC)
    assert PaperGateway.within(service).quotes(["ALFA.XNYS"]) == {}
    service.close()


def test_ids_of_two_venues_differ(tmp_path: Path) -> None:
    """Two folders with the same seed: no id of one is ever an id of the other."""
    made = []
    for name in ("one", "two"):
        create_venue(tmp_path / name, PLAIN, seed=7)
        service = served(tmp_path / name)
        gateway = PaperGateway.within(service)
        gateway.open_day(market(tick(0, 100)))
        gateway.submit(order(1, quantity=150))
        made.append({one.execution_id for one in gateway.executions()})
        assert sum(one.quantity for one in gateway.executions()) == Decimal(150)
        service.close()
    assert not made[0] & made[1]
