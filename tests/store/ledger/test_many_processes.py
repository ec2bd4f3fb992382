"""Four processes append to one ledger at once, and nothing is lost."""

from __future__ import annotations

import multiprocessing
import threading

import pytest

from riskplatform.errors import StoreLockedError
from riskplatform.store.ledger import Ledger
from tests.store.ledger.ledger_builders import FAR, Book, day, trade
from tests.store.ledger.ledger_workers import append_batches

SPAWN = multiprocessing.get_context("spawn")
WORKERS, BATCHES, SIZE = 4, 8, 5


@pytest.mark.slow
def test_four_processes_lose_nothing(book: Book, ledger_url: str) -> None:
    workers = [
        SPAWN.Process(target=append_batches, args=(ledger_url, worker, BATCHES, SIZE))
        for worker in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        # Readers never wait, and never see half a batch.
        assert book.held().get("ACME", 0) % SIZE == 0
        workers[0].join(0.05)
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * WORKERS
    assert book.held()["ACME"] == WORKERS * BATCHES * SIZE
    entries = book.ledger.audit.entries(action="append transactions")
    assert len(entries) == WORKERS * BATCHES
    assert len({entry.recorded_at for entry in entries}) == len(entries)
    assert book.ledger.audit.verify().is_intact


@pytest.mark.slow
def test_a_second_ledger_here_and_a_process_that_closes_lose_nothing(
    book: Book, ledger_url: str
) -> None:
    """Opening a file reads its head: were that done while it is open here, its locks would go, and
    the other process would take the log of this one away as it closes."""
    with Ledger.open(ledger_url) as second:
        assert second.last_recorded_at() is not None
        other = SPAWN.Process(target=append_batches, args=(ledger_url, 0, 1, SIZE))
        other.start()
        other.join()
        book.add(trade("late", day(1), 1, 10))
    seen = SPAWN.Process(target=append_batches, args=(ledger_url, 1, 1, SIZE))
    seen.start()
    seen.join()
    assert [other.exitcode, seen.exitcode] == [0, 0]
    with Ledger.open(ledger_url) as found:
        held = {name: quantity for _, name, quantity, _ in found.positions(FAR)}
    assert held["ACME"] == 2 * SIZE + 1
    assert book.held()["ACME"] == 2 * SIZE + 1


def test_threads_of_one_ledger_do_not_mix(book: Book) -> None:
    def append(worker: int) -> None:
        for n in range(10):
            book.add(trade(f"{worker}-{n}", day(n), 1, 10))

    threads = [threading.Thread(target=append, args=(worker,)) for worker in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert book.held()["ACME"] == 30
    assert book.ledger.audit.verify().is_intact


def test_a_lock_that_is_held_too_long_is_named(book: Book, ledger_url: str) -> None:
    with (
        Ledger.open(ledger_url, lock_timeout_seconds=0.05) as other,
        book.ledger.transaction(),
        pytest.raises(StoreLockedError, match=r"has held the ledger .* for 0\.05 s"),
    ):
        other.append([trade("T1", day(1), 1, 10)], actor="bob")
    assert book.add(trade("T1", day(1), 1, 10)).added == 1


def test_a_reader_does_not_see_what_is_not_committed(book: Book) -> None:
    book.add(trade("T1", day(1), 1, 10))
    with book.ledger.transaction():
        book.add(trade("T2", day(1), 1, 10))
        seen: list[int] = []
        thread = threading.Thread(target=lambda: seen.append(len(book.ledger.positions(FAR))))
        before = threading.Thread(target=lambda: seen.append(int(book.held()["ACME"])))
        for each in (thread, before):
            each.start()
            each.join()
        assert seen == [2, 1]
        assert book.held()["ACME"] == 2
