"""What a cube of the desk is asked by, and the one that answers it, if it is built."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from riskplatform.simulation.cube_open import open_cube
from riskplatform.simulation.cube_shape import VERSION
from riskplatform.simulation.scenario_set import ScenarioSet

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk
    from riskplatform.simulation.cube import UnitCube
    from riskplatform.simulation.recipe import Recipe

DEFAULT_DAYS = 500
DEFAULT_SEED = 20260630
HISTORY_VERSION = 2
"""Grows when :mod:`riskplatform.desk.factor_levels` would read another history from a lake."""


def known_cube(
    desk: Desk,
    scenarios: ScenarioSet | Recipe,
    as_of: date,
    *,
    days: int,
    seed: int,
    snapshot: int,
) -> UnitCube | None:
    """The cube that was built for this question, without building one."""
    known = desk.cubes.answer(cube_question(desk, scenarios, as_of, days, seed, snapshot))
    return None if known is None else open_cube(desk.cubes, known)


def cube_question(
    desk: Desk,
    scenarios: ScenarioSet | Recipe,
    as_of: date,
    days: int,
    seed: int,
    snapshot: int,
) -> dict[str, Any]:
    """What a cube depends on, as far as can be said without reading the market."""
    known_at = desk.ledger.book_recorded_at()
    by = (
        {"scenario_set": scenarios.scenario_set_id}
        if isinstance(scenarios, ScenarioSet)
        else {
            "recipe": scenarios.to_dict(),
            "days": days,
            "seed": seed,
            "history version": HISTORY_VERSION,
        }
    )
    return {
        "as_of": as_of.isoformat(),
        "ledger": known_at.isoformat() if known_at else "",
        "lake": str(desk.lake.location),
        "snapshot": snapshot,
        "version": VERSION,
        "smile rule": desk.settings.smile_rule,
        **({"also": sorted(desk.also)} if desk.also else {}),
        **by,
    }
