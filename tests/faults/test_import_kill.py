"""kill -9 of a process that imports files, at random moments.

After each death the desk opens, the file is in it whole or not at all, the audit chain holds, and
importing the same file again completes it without doubling anything.
"""

from __future__ import annotations

import multiprocessing
import random
import shutil
import time
from decimal import Decimal
from pathlib import Path

import pytest

from riskplatform.desk import Desk
from tests.desk.conftest import fill, now

SPAWN = multiprocessing.get_context("spawn")
ROWS = 1_500


def import_both(folder: str, trades: str, prices: str, ready: Path) -> None:
    """The victim: opens the desk, says that it is ready, imports transactions and prices."""
    with Desk.open(folder, clock=now) as desk:
        desk.portfolios()
        desk.lake.latest_snapshot()
        ready.touch()
        desk.import_file(trades, "transactions")
        desk.import_file(prices, "prices")


def write_files(folder: Path) -> tuple[str, str]:
    trades = folder / "trades.csv"
    lines = ["trade_id,date,portfolio,symbol,quantity,price,currency,kind"]
    lines += [f"T{i},2026-03-05,growth,ALFA.XNYS,1,50,USD,trade" for i in range(ROWS)]
    trades.write_text("\n".join(lines) + "\n")
    prices = folder / "prices.csv"
    lines = ["instrument_id,date,close"]
    lines += [
        f"ALFA.XNYS,20{y:02d}-{m:02d}-03,{y + m}.5" for y in range(1, 26) for m in range(1, 13)
    ]
    prices.write_text("\n".join(lines) + "\n")
    return str(trades), str(prices)


def state(desk: Desk) -> tuple[Decimal, int]:
    """Shares held and prices known, beyond those of the small desk."""
    held = {name: quantity for _, name, quantity, _ in desk.ledger.positions(now().date())}
    prices = desk.lake.price_history("ALFA.XNYS")
    return held["ALFA.XNYS"] - 2_000, len(prices) - 5


def run_victim(folder: Path, files: tuple[str, str], life_seconds: float | None) -> float:
    """Start a victim, wait until it is ready, kill it ``life_seconds`` later; how long it ran."""
    ready = folder.with_suffix(".ready")
    ready.unlink(missing_ok=True)
    victim = SPAWN.Process(target=import_both, args=(str(folder), *files, ready))
    victim.start()
    while not ready.exists():
        assert victim.is_alive()
        victim.join(timeout=0.005)
    started = time.monotonic()
    victim.join(timeout=life_seconds)
    if life_seconds is not None:
        victim.kill()
        victim.join()
    return time.monotonic() - started


def die_many_times(folder: Path, deaths: int, seed: int) -> None:
    rng = random.Random(seed)
    files = write_files(folder)
    template = folder / "template"
    with Desk.create(template, clock=now) as desk:
        fill(desk)
    whole = run_victim(shutil.copytree(template, folder / "whole"), files, None)
    seen = set()
    for death in range(deaths):
        place = shutil.copytree(template, folder / f"desk{death}")
        run_victim(place, files, rng.uniform(0.0, whole))
        with Desk.open(place, clock=now) as desk:
            shares, prices = state(desk)
            assert shares in (0, ROWS)
            assert prices in (0, 300)
            assert desk.ledger.audit.verify().is_intact
            assert desk.lake.verify() == []
            seen.add((int(shares), prices))
            desk.import_file(files[0], "transactions")
            desk.import_file(files[1], "prices")
            assert state(desk) == (ROWS, 300)
        shutil.rmtree(place)
    print(f"{deaths} deaths, states found: {sorted(seen)}")


@pytest.mark.slow
def test_three_deaths(tmp_path: Path) -> None:
    die_many_times(tmp_path, 3, seed=20260303)


@pytest.mark.long
def test_fifty_deaths(tmp_path: Path) -> None:
    die_many_times(tmp_path, 50, seed=20260350)
