"""A place for cubes, and one cube of everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskplatform.simulation.cube import UnitCube
from riskplatform.simulation.cube_build import CubeRequest
from riskplatform.store.cubes import CubeStore
from tests.simulation.cube_world import SCENARIOS, WHOLE, built


@pytest.fixture
def store(tmp_path: Path) -> CubeStore:
    return CubeStore(tmp_path / "cubes")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> UnitCube:
    """A cube that no test changes."""
    folder = CubeStore(tmp_path_factory.mktemp("cubes"))
    return built(folder, CubeRequest(WHOLE, SCENARIOS, 1))[0]
