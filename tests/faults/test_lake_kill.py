"""kill -9 of a process that writes to the lake, at random moments.

After each death the lake opens, every commit that was reported is there, the batch that was
under way is there whole or not at all, and maintenance removes what it left behind.
"""

from __future__ import annotations

import multiprocessing
import random
from pathlib import Path

import pytest

from riskplatform.store.lake import Lake
from tests.store.lake.lake_workers import steps_seen, write_steps

SPAWN = multiprocessing.get_context("spawn")
ENDLESS = 1_000_000
# One commit takes some 50 to 100 ms; the moments fall all over the commits that follow the first.
LONGEST_LIFE_SECONDS = 0.4


def parquet_files(folder: Path) -> set[Path]:
    return set(folder.rglob("*.parquet"))


def reported_steps(progress: Path) -> int:
    return len(progress.read_text().splitlines()) if progress.exists() else 0


def write_and_die(location: Path, first: int, progress: Path, life_seconds: float) -> None:
    """Start a writer, wait for its first commit, and kill it ``life_seconds`` later."""
    before = reported_steps(progress)
    writer = SPAWN.Process(target=write_steps, args=(str(location), "W", first, ENDLESS, progress))
    writer.start()
    while reported_steps(progress) == before:
        assert writer.is_alive()
        writer.join(timeout=0.005)
    writer.join(timeout=life_seconds)
    writer.kill()
    writer.join()
    assert writer.exitcode == -9


def die_many_times(folder: Path, moments: int, seed: int) -> None:
    rng = random.Random(seed)
    location, progress = folder / "lake", folder / "progress"
    orphans = 0
    present = 0
    for _ in range(moments):
        already = reported_steps(progress)
        write_and_die(location, present, progress, rng.uniform(0.0, LONGEST_LIFE_SECONDS))
        reported = reported_steps(progress) - already
        with Lake.open(location, lock_timeout_seconds=5.0) as lake:
            now = steps_seen(lake, lake.latest_snapshot())["W"]
            assert present + reported <= now <= present + reported + 1
            assert lake.verify() == []
            removed = lake.maintain().orphans_removed
            assert lake.maintain().orphans_removed == 0
            assert lake.verify() == []
            assert steps_seen(lake, lake.latest_snapshot())["W"] == now
        orphans += removed
        present = now
    print(f"{moments} deaths, {present} steps committed, {orphans} orphans removed")


@pytest.mark.slow
def test_five_deaths(tmp_path: Path) -> None:
    die_many_times(tmp_path, 5, seed=20240105)


@pytest.mark.long
def test_fifty_deaths(tmp_path: Path) -> None:
    die_many_times(tmp_path, 50, seed=20240150)


def open_and_close(location: str) -> None:
    Lake.open(location).close()


def die_while_creating(folder: Path, moments: int, seed: int) -> None:
    rng = random.Random(seed)
    for moment in range(moments):
        location = folder / f"lake{moment}"
        process = SPAWN.Process(target=open_and_close, args=(str(location),))
        process.start()
        while not location.exists():
            process.join(timeout=0.005)
        process.join(timeout=rng.uniform(0.0, LONGEST_LIFE_SECONDS))
        process.kill()
        process.join()
        with Lake.open(location, lock_timeout_seconds=5.0) as lake:
            assert lake.latest_snapshot() == 1
            assert len(lake.read("prices")) == 0


@pytest.mark.slow
def test_two_deaths_while_creating(tmp_path: Path) -> None:
    die_while_creating(tmp_path, 2, seed=7)


@pytest.mark.long
def test_twenty_deaths_while_creating(tmp_path: Path) -> None:
    die_while_creating(tmp_path, 20, seed=8)
