"""kill -9 of a process that builds a cube, at random moments; two builders; a full disk.

After each death there is no cube or the whole cube, and the build that goes on ends with the same
file, bit for bit, as one that nobody disturbed.
"""

from __future__ import annotations

import errno
import hashlib
import json
import multiprocessing
import os
import random
import signal
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pytest

from riskplatform.errors import EnvironmentSetupError
from riskplatform.store.cubes import CubeStore
from riskplatform.store.cubes.manifest import DATA_FILE
from tests.faults import cube_workers
from tests.faults.cube_workers import build, build_and_report, build_with_little_room

SPAWN = multiprocessing.get_context("spawn")
# A whole build takes about half a second; the moments fall all over it and its end.
LONGEST_LIFE_SECONDS = 0.5
DEADLINE_SECONDS = 120.0


def sha256(store: CubeStore) -> str:
    """Of the one cube there is."""
    (identifier,) = store.list()
    return hashlib.sha256((store.folder / identifier / DATA_FILE).read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("undisturbed")
    build(folder / "cubes", folder / "progress")
    return sha256(CubeStore(folder / "cubes"))


def lines_of(progress: Path) -> int:
    return len(progress.read_text().splitlines()) if progress.exists() else 0


def wait_for_a_line(process: BaseProcess, progress: Path, more_than: int) -> None:
    """Until the builder has said something, or has ended."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while process.is_alive() and lines_of(progress) <= more_than:
        assert time.monotonic() < deadline
        process.join(0.002)


def start(folder: Path, progress: Path, report: Path) -> BaseProcess:
    process = SPAWN.Process(target=build_and_report, args=(str(folder), progress, report))
    process.start()
    return process


def die_many_times(folder: Path, deaths: int, seed: int, expected: str) -> None:
    rng = random.Random(seed)
    store, progress, report = CubeStore(folder / "cubes"), folder / "progress", folder / "report"
    died = resumed = finished = 0
    while died < deaths:
        before, had_part = lines_of(progress), bool(store.list_partial())
        process = start(store.folder, progress, report)
        wait_for_a_line(process, progress, before)
        process.join(rng.uniform(0.0, LONGEST_LIFE_SECONDS))
        process.kill()
        process.join()
        assert process.exitcode in (0, -9)
        died += process.exitcode == -9
        resumed += had_part
        if store.list():
            assert sha256(store) == expected
            store.verify(store.list()[0])
            finished += 1
            store.prune(keep=[])
    build(store.folder, progress)
    assert sha256(store) == expected
    assert resumed > 0
    print(f"{died} deaths, {resumed} builds gone on with, {finished} finished on the way")


@pytest.mark.slow
def test_four_deaths(tmp_path: Path, undisturbed: str) -> None:
    die_many_times(tmp_path, 4, 20260104, undisturbed)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_fifty_deaths(tmp_path: Path, undisturbed: str) -> None:
    die_many_times(tmp_path, 50, 20260150, undisturbed)


@pytest.mark.slow
def test_two_builders_of_one_cube_both_get_it(tmp_path: Path, undisturbed: str) -> None:
    """Each unit is computed once: the second waits, then opens what the first has finished."""
    store = CubeStore(tmp_path / "cubes")
    reports = [tmp_path / f"report{n}" for n in (1, 2)]
    builders = [start(store.folder, tmp_path / f"progress{report.name}", report)
                for report in reports]  # fmt: skip
    for builder in builders:
        builder.join(DEADLINE_SECONDS)
        assert builder.exitcode == 0
    answers = [json.loads(report.read_text()) for report in reports]
    assert {answer["cube"] for answer in answers} == {cube_workers.request().cube_id}
    counts = sorted(answer["computed"] for answer in answers)
    assert counts == [0, len(cube_workers.request().book.units)]
    assert sha256(store) == undisturbed
    assert store.list_partial() == ()


@pytest.mark.slow
def test_who_waits_goes_on_when_the_builder_is_killed(tmp_path: Path, undisturbed: str) -> None:
    store, first_says, second_says = CubeStore(tmp_path / "cubes"), tmp_path / "1", tmp_path / "2"
    first = start(store.folder, first_says, tmp_path / "report1")
    wait_for_a_line(first, first_says, 1)
    os.kill(first.pid or 0, signal.SIGSTOP)  # it holds the lock and does not get on
    second = start(store.folder, second_says, tmp_path / "report2")
    wait_for_a_line(second, second_says, 0)
    assert second.is_alive()
    first.kill()
    first.join()
    second.join(DEADLINE_SECONDS)
    assert second.exitcode == 0
    computed = json.loads((tmp_path / "report2").read_text())["computed"]
    assert 0 < computed < len(cube_workers.request().book.units)
    assert sha256(store) == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize("limit_bytes", [2_000, 30_000, 200_000])
def test_a_full_disk_is_said_and_leaves_nothing_wrong(
    tmp_path: Path, undisturbed: str, limit_bytes: int
) -> None:
    """The limit falls on the names, on the card or on the data."""
    store, report = CubeStore(tmp_path / "cubes"), tmp_path / "report"
    process = SPAWN.Process(
        target=build_with_little_room, args=(str(store.folder), limit_bytes, report)
    )
    process.start()
    process.join(DEADLINE_SECONDS)
    said = report.read_text()
    assert said.startswith("EnvironmentSetupError: The cube file ")
    assert "cannot be written" in said
    assert "Free disk space" in said
    assert store.list() == ()
    files = [path for path in store.folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= limit_bytes
    build(store.folder, tmp_path / "progress")
    assert sha256(store) == undisturbed


@pytest.mark.parametrize("call", ["fsync", "fdatasync", "posix_fallocate"])
@pytest.mark.parametrize("when", [1, 2, 3, 5])
def test_a_disk_that_fills_up_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, when: int
) -> None:
    """Whichever write meets the end of the disk, the build that goes on is right."""
    store, calls, plain = CubeStore(tmp_path), [], getattr(os, call)
    key, values = {"a": "1"}, np.arange(40, dtype=np.float32).reshape(10, 4)

    def full(*args: object) -> object:
        calls.append(args)
        if len(calls) == when:
            raise OSError(errno.ENOSPC, "No space left on device")
        return plain(*args)

    def write() -> None:
        with store.create(key, [*"abcdefghij"], [*"wxyz"], block_rows=4) as part:
            for index in part.missing_blocks():
                part.write_block(index, values[part.manifest.block(index)])
            part.commit({"note": 1})

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        if (call == "posix_fallocate" and when > 1) or (call == "fdatasync" and when > 3):
            write()
        else:
            with pytest.raises(EnvironmentSetupError, match="No space left"):
                write()
            assert store.list() == ()
    if not store.list():
        write()
    np.testing.assert_array_equal(store.open(store.list()[0]).values, values)
