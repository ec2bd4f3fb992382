"""What other processes do to a ledger in tests. Importable, so that they can be spawned."""

from __future__ import annotations

from pathlib import Path

from riskplatform.store.ledger import Ledger
from tests.store.ledger.ledger_builders import day, trade


def append_batches(url: str, worker: int, batches: int, size: int) -> None:
    """Append ``batches`` of ``size`` trades, one transaction each."""
    with Ledger.open(url) as ledger:
        for batch in range(batches):
            told = [trade(f"{worker}-{batch}-{n}", day(batch), 1, 10) for n in range(size)]
            ledger.append(told, actor=f"worker {worker}")


def append_until_killed(url: str, life: int, size: int, progress: Path) -> None:
    """Append batches for ever; each that is reported done is a line of ``progress``."""
    with Ledger.open(url) as ledger, progress.open("a", buffering=1) as report:
        for batch in range(1_000_000):
            told = [trade(f"{life}-{batch}-{n}", day(batch % 300), 1, 10) for n in range(size)]
            ledger.append(told, actor=f"life {life}")
            report.write(f"{life}-{batch}\n")
