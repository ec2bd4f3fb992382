"""Three processes write and three read one lake at once, on SQLite and on PostgreSQL."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from riskplatform.store.lake import Lake
from tests.store.lake.lake_workers import read_until, steps_seen, write_steps

FEW, MANY = 3, 40
WRITERS = ("W0", "W1", "W2")
SPAWN = multiprocessing.get_context("spawn")


def run_all(location: str, folder: Path, steps: int) -> None:
    stop = SPAWN.Event()
    writers = [
        SPAWN.Process(target=write_steps, args=(location, name, 0, steps, folder / name))
        for name in WRITERS
    ]
    readers = [
        SPAWN.Process(target=read_until, args=(location, stop, folder / f"R{number}"))
        for number in range(3)
    ]
    for process in [*writers, *readers]:
        process.start()
    for process in writers:
        process.join()
    stop.set()
    for process in readers:
        process.join()

    assert [process.exitcode for process in writers] == [0, 0, 0]
    for number in range(3):
        assert (folder / f"R{number}").read_text().endswith(" reads")
    with Lake.open(location) as lake:
        assert steps_seen(lake, lake.latest_snapshot()) == dict.fromkeys(WRITERS, steps)
        assert_each_commit_has_its_snapshot(lake, folder)


def assert_each_commit_has_its_snapshot(lake: Lake, folder: Path) -> None:
    """The snapshot id that a writer was given shows its step as the last one of its own."""
    given = [
        (name, *map(int, line.split()))
        for name in WRITERS
        for line in (folder / name).read_text().splitlines()
    ]
    assert len({snapshot for _, _, snapshot in given}) == len(given)
    for name, step, snapshot in given[::4]:
        assert steps_seen(lake, snapshot)[name] == step + 1


@pytest.mark.slow
def test_nothing_is_lost_with_an_sqlite_catalogue(tmp_path: Path) -> None:
    # No lake exists yet: six processes also race to create it.
    run_all(str(tmp_path / "lake"), tmp_path, FEW)


@pytest.mark.slow
@pytest.mark.postgres
def test_nothing_is_lost_with_a_postgres_catalogue(
    tmp_path: Path, postgres_database_url: str
) -> None:
    run_all(f"{postgres_database_url}?data_path={tmp_path / 'data'}", tmp_path, FEW)


@pytest.mark.long
def test_nothing_is_lost_in_many_commits_with_sqlite(tmp_path: Path) -> None:
    run_all(str(tmp_path / "lake"), tmp_path, MANY)


@pytest.mark.long
@pytest.mark.postgres
def test_nothing_is_lost_in_many_commits_with_postgres(
    tmp_path: Path, postgres_database_url: str
) -> None:
    run_all(f"{postgres_database_url}?data_path={tmp_path / 'data'}", tmp_path, MANY)
