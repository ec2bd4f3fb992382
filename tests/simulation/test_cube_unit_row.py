"""One row of U by itself is that of Q U for one unit, to the last bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from riskplatform.store.cubes import CubeStore
from tests.simulation.cube_world import EVERYTHING, built, request_of


@pytest.mark.parametrize("base_currency", ["USD", "EUR", "GBP"])
def test_a_row_is_the_profit_of_one_unit(tmp_path: Path, base_currency: str) -> None:
    cube, _ = built(CubeStore(tmp_path), request_of(EVERYTHING))
    count = len(cube.instrument_ids)
    whole = cube.profits(sparse.identity(count, format="csr"), base_currency)
    for place in range(count):
        row = cube.unit_row(place, base_currency)
        assert row.tobytes() == whole[place].tobytes(), cube.instrument_ids[place]
    broken = np.flatnonzero(~np.isfinite(cube.values()))
    assert all(not cube.unit_row(int(place), base_currency).any() for place in broken)
