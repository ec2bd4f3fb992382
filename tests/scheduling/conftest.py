"""An empty desk for schedulers, and clocks of their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from riskplatform.desk import Desk
from tests.scheduling.world import Clocks, Scheduler


@pytest.fixture(scope="session")
def desk_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once and copied, which is much faster. It has no jobs."""
    folder = tmp_path_factory.mktemp("scheduling") / "desk"
    Desk.create(folder, name="Scheduled desk").close()
    shutil.rmtree(folder / "jobs")
    (folder / "jobs").mkdir()
    return folder


@pytest.fixture
def folder(desk_template: Path, tmp_path: Path) -> Path:
    """A desk of the test's own, without jobs."""
    shutil.copytree(desk_template, tmp_path / "desk")
    return tmp_path / "desk"


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def scheduler(folder: Path, clocks: Clocks) -> Iterator[Callable[..., Scheduler]]:
    """Makes schedulers on the desk; they follow the jobs that are there when they are made."""
    made: list[Scheduler] = []

    def make(name: str = "one", **terms: object) -> Scheduler:
        found = Scheduler(name, folder, clocks, **terms)  # type: ignore[arg-type]
        made.append(found)
        return found

    yield make
    for one in made:
        one.desk.close()
