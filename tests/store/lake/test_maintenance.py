"""Maintenance tidies without changing what any snapshot shows, unless asked to forget."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from riskplatform.errors import UserInputError
from riskplatform.store.lake import Lake

DAY = date(2023, 12, 28)
AT_ONCE = timedelta(0)


def rows(names: list[str], days: list[int], close: float) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"instrument_id": n, "date": DAY + timedelta(days=d), "close": close, "source": "t"}
            for n in names
            for d in days
        ]
    )


def parquet_count(folder: Path) -> int:
    return len(list(folder.rglob("*.parquet")))


def contents(lake: Lake) -> dict[int, pa.Table]:
    """What every snapshot shows of the prices (the tables exist from snapshot 1 on)."""
    ids = [int(i) for i in lake.snapshots()["snapshot_id"] if i > 0]
    return {i: lake.read_arrow("prices", at_snapshot=i) for i in ids}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_no_snapshot_changes_under_random_writes_and_maintenance(lake: Lake, seed: int) -> None:
    rng = random.Random(seed)
    known: dict[int, pa.Table] = contents(lake)
    for step in range(12):
        names = rng.sample("ABCDEFGH", rng.randint(1, 6))
        days = rng.sample(range(8), rng.randint(1, 8))
        snapshot = lake.write("prices", rows(names, days, float(step)), mode="replace_keys")
        known[snapshot] = lake.read_arrow("prices", at_snapshot=snapshot)
        if rng.random() < 0.3:
            lake.maintain(grace=AT_ONCE)
    lake.maintain(grace=AT_ONCE)
    now = contents(lake)
    assert set(known) <= set(now)
    for snapshot, content in known.items():
        assert now[snapshot].equals(content), f"snapshot {snapshot} has changed"


def test_many_small_files_become_few(lake: Lake, folder: Path) -> None:
    for step in range(6):
        lake.write("prices", rows(["A", "B"], [step], float(step)))
    before = contents(lake)
    report = lake.maintain(grace=AT_ONCE)
    # The days lie in two years, and a year is a partition.
    assert (report.files_merged, report.files_made) == (6, 2)
    assert report.replaced_files_removed == 6
    assert parquet_count(folder) == 2
    assert {k: v.to_pylist() for k, v in contents(lake).items() if k in before} == {
        k: v.to_pylist() for k, v in before.items()
    }


def test_replaced_files_stay_for_readers_until_the_grace_is_over(lake: Lake, folder: Path) -> None:
    for step in range(2):
        lake.write("prices", rows(["A"], [step], 1.0))
    now = datetime.now(UTC)
    assert lake.maintain(clock=lambda: now).replaced_files_removed == 0
    assert parquet_count(folder) == 3
    assert lake.maintain(clock=lambda: now + timedelta(hours=2)).replaced_files_removed == 2
    assert parquet_count(folder) == 1


def test_orphans_are_harmless_and_removed(lake: Lake, folder: Path) -> None:
    lake.write("prices", rows(["A"], [0], 1.0))
    orphan = folder / "lake" / "main" / "prices" / "year=2023" / "ducklake-orphan.parquet"
    orphan.write_bytes(b"half a file")
    note = folder / "lake" / "a-note-of-a-person.txt"
    note.write_text("keep me")
    assert len(lake.read("prices")) == 1
    assert lake.maintain().orphans_removed == 1
    assert not orphan.exists()
    assert note.exists()
    assert len(lake.read("prices")) == 1


def test_expiry_keeps_the_newest_and_those_that_runs_have_read(lake: Lake, folder: Path) -> None:
    ids = [
        lake.write("prices", rows(["A"], [0], float(step)), mode="replace_keys")
        for step in range(4)
    ]
    details = {"kind": "value", "as_of": DAY, "base_currency": "USD"}
    newest = lake.record_run("r", **details, snapshot_id=ids[1])
    kept = lake.read_arrow("prices", at_snapshot=ids[1])
    report = lake.maintain(expire_before=datetime.now(UTC), grace=AT_ONCE)
    assert report.snapshots_expired == newest + 1 - 2
    assert list(lake.snapshots()["snapshot_id"]) == [ids[1], newest]
    assert lake.read_arrow("prices", at_snapshot=ids[1]).equals(kept)
    assert list(lake.read("prices")["close"]) == [3.0]
    with pytest.raises(UserInputError, match=f"no snapshot {ids[0]}"):
        lake.read("prices", at_snapshot=ids[0])
    assert lake.verify() == []


def test_without_asking_nothing_expires(lake: Lake) -> None:
    lake.write("prices", rows(["A"], [0], 1.0))
    before = set(lake.snapshots()["snapshot_id"])
    assert lake.maintain(grace=AT_ONCE).snapshots_expired == 0
    assert before <= set(lake.snapshots()["snapshot_id"])


@pytest.mark.postgres
@pytest.mark.slow
def test_maintenance_with_a_postgres_catalogue(postgres_lake: str) -> None:
    with Lake.open(postgres_lake) as lake:
        for step in range(3):
            lake.write("prices", rows(["A", "B"], [step], float(step)))
        lake.write("prices", rows(["A"], [1], 9.0), mode="replace_keys")
        before = contents(lake)
        report = lake.maintain(grace=AT_ONCE)
        assert report.files_merged > report.files_made
        after = contents(lake)
        assert all(after[snapshot].equals(content) for snapshot, content in before.items())
        assert lake.maintain(expire_before=datetime.now(UTC)).snapshots_expired == len(after)
        assert lake.verify() == []
