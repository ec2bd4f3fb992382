"""Verbs of scenarios: sets of them, and the cube of unit gains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.desk.cube_profits import Profits
    from riskplatform.desk.cube_tables import Pruned
    from riskplatform.simulation.cube import UnitCube
    from riskplatform.simulation.recipe import Recipe
    from riskplatform.simulation.scenario_set import ScenarioSet


class ScenarioVerbs(DeskCore):
    """What could happen to it."""

    def scenario_set(
        self,
        recipe: Recipe | str | Mapping[str, Any] = "historical",
        as_of: date | None = None,
        *,
        days: int = 500,
        seed: int = 20260630,
        at_snapshot: int | None = None,
    ) -> ScenarioSet:
        """Scenarios for everything the book depends on, by the desk's history of ``days`` moves."""
        from riskplatform.desk.cubing import scenario_set
        from riskplatform.desk.recipes import recipe_of

        chosen = recipe_of(recipe)
        return scenario_set(
            self._me, chosen, self.as_of(as_of), days=days, seed=seed, at_snapshot=at_snapshot
        )

    def cube(
        self,
        scenarios: ScenarioSet | Recipe | str | Mapping[str, Any] = "historical",
        as_of: date | None = None,
        *,
        days: int = 500,
        seed: int = 20260630,
        at_snapshot: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> UnitCube:
        """What one unit of everything held gains in each scenario: opened, or built and kept."""
        from riskplatform.desk.cubing import cube

        return cube(
            self._me,
            scenarios,
            self.as_of(as_of),
            days=days,
            seed=seed,
            at_snapshot=at_snapshot,
            progress=progress,
        )

    def own_scenarios(
        self,
        path: str | Path,
        as_of: date | None = None,
        *,
        kinds: Mapping[str, str] | str | None = None,
        horizon_days: int = 1,
    ) -> ScenarioSet:
        """Scenarios from a file of moves: one row each, factors in columns; kept with the desk."""
        from riskplatform.desk.own_moves import own_scenarios

        return own_scenarios(self._me, Path(path), self.as_of(as_of), kinds, horizon_days)

    def scenario_sets_table(self) -> pd.DataFrame:
        """Every scenario set that is kept: maker, size, horizon, date, seed."""
        from riskplatform.desk.cube_tables import sets_table

        return sets_table(self._me)

    def cubes_table(self) -> pd.DataFrame:
        """Every cube, finished or interrupted, the newest first."""
        from riskplatform.desk.cube_tables import cubes_table

        return cubes_table(self._me)

    def open_cube(self, cube_id: str) -> UnitCube:
        """The finished cube whose id begins so."""
        from riskplatform.desk.cube_tables import open_cube

        return open_cube(self._me, cube_id)

    def cube_profits(
        self, cube: UnitCube, *, node: str | None = None, by: str | None = None
    ) -> Profits:
        """What a node gains in each scenario as it was held on the cube's day, whole or ``by``."""
        from riskplatform.desk.cube_profits import cube_profits

        return cube_profits(self._me, cube, self._scope(node), by)

    def prune_cubes(
        self, keep: int = 3, keep_ids: Iterable[str] = (), *, rehearse: bool = False
    ) -> Pruned:
        """Remove all but the ``keep`` newest cubes and those named, and tell the lake."""
        from riskplatform.desk.cube_tables import prune_cubes

        found = prune_cubes(self._me, keep, tuple(keep_ids), rehearse=rehearse)
        if found.removed and not rehearse:
            self.record_cubes()
        return found

    def record_cubes(self) -> int:
        """Make the lake say which cubes there are; how many."""
        from riskplatform.store.cubes.describe import record_cubes

        return record_cubes(self.lake, self.cubes, self.now())
