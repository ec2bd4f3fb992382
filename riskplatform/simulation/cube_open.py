"""Opens a finished cube; nothing of what builds one is needed for it."""

from __future__ import annotations

import numpy as np

from riskplatform.errors import DamagedStoreError
from riskplatform.simulation.cube import UnitCube, failures_from
from riskplatform.simulation.cube_shape import LEADING, VERSION, WHAT
from riskplatform.store.cubes import CubeStore


def open_cube(store: CubeStore, identifier: str) -> UnitCube:
    """A finished cube with what was noted beside it."""
    cube = store.open(identifier)
    if cube.key.get("what") != WHAT or cube.key.get("version") != VERSION:
        raise DamagedStoreError(
            f"The cube {identifier} is not of {WHAT} by version {VERSION} of its builder.",
            hint="Build the cube again; prune() removes the old one.",
        )
    notes = cube.notes
    weights = notes["weights"]
    count = len(cube.column_labels) - LEADING
    return UnitCube(
        cube=cube,
        # Not of the key, whose names are sorted: rows and notes are in the order of the book.
        instrument_ids=cube.row_ids[len(cube.key["currencies"]) :],
        currencies=tuple(notes["unit_currencies"]),
        rates=np.array(notes["rates"], dtype=np.float64),
        weights=np.full(count, 1.0 / count) if weights is None else np.array(weights),
        failures=failures_from(notes["failures"]),
    )
