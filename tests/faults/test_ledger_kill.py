"""kill -9 of a process that appends to the ledger, at random moments.

After each death the ledger opens, every batch that was reported is there, the batch that was
under way is there whole or not at all, and the audit chain holds.
"""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from pathlib import Path

import pytest

from riskplatform.store.ledger import Ledger
from tests.store.ledger.ledger_builders import FAR, Book, day, trade
from tests.store.ledger.ledger_workers import append_until_killed

SPAWN = multiprocessing.get_context("spawn")
SIZE = 50
# One batch takes some 10 ms; the moments fall all over the batches that follow the first.
LONGEST_LIFE_SECONDS = 0.25


def live_and_die(url: str, life: int, progress: Path, seconds: float) -> None:
    """Append until the first batch is reported, then for ``seconds`` more, then kill -9."""
    process = SPAWN.Process(target=append_until_killed, args=(url, life, SIZE, progress))
    process.start()
    while process.is_alive() and f"{life}-0" not in reported(progress):
        process.join(0.01)
    process.join(seconds)
    process.kill()
    process.join()
    assert process.exitcode == -9


def reported(progress: Path) -> list[str]:
    return progress.read_text().splitlines() if progress.exists() else []


def check(url: str, progress: Path) -> None:
    with Ledger.open(url) as ledger:
        # A server may still be committing for a client that is dead: ask as of one moment.
        known = ledger.last_recorded_at()
        ids = ledger.transactions(recorded=known).transaction_id
        batches = Counter(name.rpartition("-")[0] for name in ids)
        assert set(batches.values()) <= {SIZE}, "a batch was recorded in part"
        assert set(reported(progress)) <= set(batches), "a reported batch is absent"
        held = {i: q for _, i, q, _ in ledger.positions(FAR, recorded=known)}
        assert held == {"ACME": len(ids), "CASH.USD": -10 * len(ids)}
        report = ledger.audit.verify()
        assert report.is_intact, str(report)
        entries = ledger.audit.entries(action="append transactions", recorded=known)
        assert len(entries) == len(batches)


def kill_many(url: str, folder: Path, times: int) -> None:
    with Ledger.create(url) as ledger:
        Book(ledger)
    moments = random.Random(20260331)
    progress = folder / "progress"
    for life in range(times):
        live_and_die(url, life, progress, moments.uniform(0, LONGEST_LIFE_SECONDS))
        check(url, progress)
    with Ledger.open(url) as ledger:
        ledger.append([trade("after", day(1), 1, 10)], actor="survivor")
        assert ledger.audit.verify().is_intact


@pytest.mark.slow
def test_five_kills(tmp_path: Path) -> None:
    kill_many(f"sqlite:///{tmp_path / 'ledger.sqlite'}", tmp_path, 5)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_fifty_kills(tmp_path: Path) -> None:
    kill_many(f"sqlite:///{tmp_path / 'ledger.sqlite'}", tmp_path, 50)


@pytest.mark.long
@pytest.mark.postgres
@pytest.mark.timeout(1200)
def test_fifty_kills_on_postgres(postgres_database_url: str, tmp_path: Path) -> None:
    kill_many(postgres_database_url, tmp_path, 50)
