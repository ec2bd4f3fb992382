"""Cubes: float32 arrays in files of their own, addressed by the hash of what made them."""

from __future__ import annotations

from riskplatform.store.cubes.cube_id import cube_id
from riskplatform.store.cubes.partial import PartialCube
from riskplatform.store.cubes.store import Cube, CubeStore

__all__ = ["Cube", "CubeStore", "PartialCube", "cube_id"]
