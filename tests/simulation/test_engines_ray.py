"""The cube on a real Ray cluster of two workers: the same file, also when workers are killed."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from riskplatform.errors import DataError, EnvironmentSetupError
from riskplatform.simulation.cube_build import build_cube
from riskplatform.simulation.engines import RayEngine
from riskplatform.store.cubes import CubeStore
from riskplatform.store.cubes.manifest import DATA_FILE
from tests.faults.cube_workers import BLOCK_ROWS, build, request
from tests.simulation import ray_workers
from tests.simulation.ray_workers import WrappedRay

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.slow
DEADLINE_SECONDS = 120.0


def sha256(store: CubeStore) -> str:
    (identifier,) = store.list()
    return hashlib.sha256((store.folder / identifier / DATA_FILE).read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def by_one_process(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("local")
    build(folder / "cubes", folder / "progress")
    return sha256(CubeStore(folder / "cubes"))


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Two workers on this machine, with little memory to share; the address."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    started = ray.init(
        num_cpus=2,
        include_dashboard=False,
        object_store_memory=100_000_000,
        logging_level="ERROR",
        log_to_driver=False,
    )
    yield started.address_info["gcs_address"]
    ray.shutdown()


def test_a_cluster_for_the_length_of_the_work_gives_the_same_file(
    tmp_path: Path, by_one_process: str
) -> None:
    assert not ray.is_initialized()
    build(tmp_path / "cubes", tmp_path / "progress", RayEngine("local", workers=2))
    assert not ray.is_initialized()
    assert sha256(CubeStore(tmp_path / "cubes")) == by_one_process


@pytest.mark.long
def test_workers_that_die_are_replaced_and_their_part_is_done_again(
    cluster: str, tmp_path: Path, by_one_process: str
) -> None:
    engine = WrappedRay(ray_workers.dying_once, tmp_path)
    build(tmp_path / "cubes", tmp_path / "progress", engine)
    deaths = list(tmp_path.glob("died *"))
    assert len(deaths) == -(-(len(request().row_ids) // BLOCK_ROWS + 1) // 3)
    assert sha256(CubeStore(tmp_path / "cubes")) == by_one_process


@pytest.mark.long
def test_every_worker_is_killed_from_outside(
    cluster: str, tmp_path: Path, by_one_process: str
) -> None:
    store, killed = CubeStore(tmp_path / "cubes"), []

    def kill_after_three_blocks(done: int, _total: int) -> None:
        if done >= 3 * BLOCK_ROWS and not killed:
            for file in tmp_path.glob("pid *"):
                os.kill(int(file.name.split()[1]), signal.SIGKILL)
                killed.append(file.name)

    engine = WrappedRay(ray_workers.naming_itself, tmp_path)
    build_cube(
        store, request(), engine=engine, progress=kill_after_three_blocks, block_rows=BLOCK_ROWS
    )
    assert killed
    assert len(list(tmp_path.glob("pid *"))) > len(killed)
    assert sha256(store) == by_one_process


@pytest.mark.long
def test_a_process_of_its_own_builds_on_the_cluster(
    cluster: str, tmp_path: Path, by_one_process: str
) -> None:
    process = multiprocessing.get_context("spawn").Process(
        target=ray_workers.build_on, args=(str(tmp_path / "cubes"), cluster, tmp_path / "progress")
    )
    process.start()
    process.join(DEADLINE_SECONDS)
    assert process.exitcode == 0
    assert sha256(CubeStore(tmp_path / "cubes")) == by_one_process


@pytest.mark.long
def test_a_stranger_on_the_network_is_not_let_in(cluster: str, tmp_path: Path) -> None:
    """Ray listens on every interface: without its token no work is taken."""
    knock = f"import ray; ray.init(address={cluster!r}); print(ray.get(ray.remote(int).remote()))"
    env = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    answer = subprocess.run(
        [sys.executable, "-c", knock], env={**env, "HOME": str(tmp_path)},
        capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False,
    )  # fmt: skip
    assert answer.returncode != 0
    assert answer.stdout == ""
    assert "Failed to connect" in answer.stderr


@pytest.mark.long
def test_no_more_than_two_parts_a_worker_are_under_way(cluster: str, tmp_path: Path) -> None:
    results = RayEngine().map(ray_workers.begun, tmp_path, range(30))
    taken = [next(results)[0]]
    deadline = time.monotonic() + DEADLINE_SECONDS
    while len(begun := list(tmp_path.iterdir())) < 4 and time.monotonic() < deadline:
        ray.wait([ray.put(None)])
    assert len(begun) == 4
    for part, found in results:
        assert part == found
        taken.append(part)
        assert len(list(tmp_path.iterdir())) <= len(taken) - 1 + 4
    assert sorted(taken) == list(range(30))


@pytest.mark.long
def test_a_failure_of_the_work_arrives_as_itself(cluster: str) -> None:
    with pytest.raises(DataError, match="Part 2 has no data"):
        list(RayEngine().map(ray_workers.failing, None, range(4)))


@pytest.mark.long
def test_stopping_keeps_the_blocks_and_the_cluster(
    cluster: str, tmp_path: Path, by_one_process: str
) -> None:
    store = CubeStore(tmp_path / "cubes")

    def stop(done: int, _total: int) -> None:
        if done >= 4 * BLOCK_ROWS:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_cube(store, request(), engine=RayEngine(), progress=stop, block_rows=BLOCK_ROWS)
    assert ray.is_initialized()
    seen: list[int] = []

    def note(done: int, _total: int) -> None:
        seen.append(done)

    build_cube(store, request(), engine=RayEngine(), progress=note, block_rows=BLOCK_ROWS)
    assert seen[0] >= 4 * BLOCK_ROWS - BLOCK_ROWS
    assert sha256(store) == by_one_process


@pytest.mark.parametrize("form", ["127.0.0.1:{port}", "ray://127.0.0.1:{port}", "nonsense"])
def test_an_address_where_nobody_answers_is_said_at_once(form: str, free_port: int) -> None:
    """Ray itself would try for five minutes and then end the process."""
    if ray.is_initialized():
        ray.shutdown()
    address = form.format(port=free_port)
    parts: Any = [1]
    with pytest.raises(EnvironmentSetupError, match=f"No Ray cluster answers at '{address}'"):
        next(RayEngine(address).map(ray_workers.failing, None, parts))
    assert not ray.is_initialized()
