"""Cubes described in the lake, so that what exists can be asked like any other table."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from riskplatform.store.cubes.manifest import DTYPE
from riskplatform.store.cubes.store import CubeStore
from riskplatform.store.lake import Lake

BUILT = "built"


def record_cubes(lake: Lake, store: CubeStore, at: datetime) -> int:
    """Make the lake's table ``cubes`` say what the folder holds; the number of cubes described.

    A cube that is new is described as of ``at``; one that is gone keeps its row, marked so.
    """
    known = lake.read("cubes").set_index("cube_id", drop=False)
    present = [store.open(name) for name in store.list()]
    rows = [
        {
            "cube_id": cube.cube_id,
            "created_at": at,
            "path": cube.cube_id,
            "rows": len(cube.row_ids),
            "columns": len(cube.column_labels),
            "dtype": DTYPE,
            "scenario_set": cube.key.get("scenario_set"),
            "snapshot_hash": cube.key.get("snapshot_hash"),
            "terms_hash": cube.key.get("terms_hash"),
            "status": BUILT,
        }
        for cube in present
        if cube.cube_id not in known.index or known.at[cube.cube_id, "status"] != BUILT
    ]
    gone = known[~known["cube_id"].isin([cube.cube_id for cube in present])]
    gone = gone[gone["status"] == BUILT].assign(status="removed")
    changed = pd.concat([pd.DataFrame(rows), gone], ignore_index=True) if len(gone) else rows
    frame = pd.DataFrame(changed)
    if len(frame):
        lake.write("cubes", frame, mode="replace_keys", message="cubes described")
    return len(present)
