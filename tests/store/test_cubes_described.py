"""What the folder of cubes holds and what the lake says of it are the same."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from riskplatform.store.cubes import CubeStore
from riskplatform.store.cubes.describe import record_cubes
from riskplatform.store.lake import Lake

NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 7, 12, tzinfo=UTC)


def build(store: CubeStore, scenario_set: str) -> str:
    key = {"scenario_set": scenario_set, "snapshot_hash": "s", "terms_hash": "t"}
    with store.create(key, ["AAA", "BBB"], ["up", "down", "flat"]) as cube:
        cube.write_block(0, np.arange(6, dtype=np.float32).reshape(2, 3))
        cube.commit()
    (name,) = [n for n in store.list() if store.open(n).key["scenario_set"] == scenario_set]
    return name


def test_cubes_are_described_once_and_marked_when_they_go(tmp_path: Path) -> None:
    store = CubeStore(tmp_path / "cubes")
    with Lake.open(tmp_path / "lake") as lake:
        assert record_cubes(lake, store, NOON) == 0
        first = build(store, "history")
        assert record_cubes(lake, store, NOON) == 1
        snapshot = lake.latest_snapshot()
        assert record_cubes(lake, store, LATER) == 1
        assert lake.latest_snapshot() == snapshot
        second = build(store, "stress")
        store.prune(keep=[second])
        assert record_cubes(lake, store, LATER) == 1
        table = lake.read("cubes").set_index("cube_id")
        assert table["status"].to_dict() == {first: "removed", second: "built"}
        assert table.loc[first, ["rows", "columns", "scenario_set"]].tolist() == [2, 3, "history"]
        assert table.loc[second, "created_at"] == LATER
