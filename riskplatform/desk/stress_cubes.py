"""The cube of stress scenarios: found by what was asked, or built like any other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from riskplatform.desk.known_cubes import cube_question, known_cube
from riskplatform.desk.scenario_library import scenario_library
from riskplatform.desk.stress_ground import StressGround
from riskplatform.errors import ConflictError, UnknownNameError, UserInputError
from riskplatform.market.content import content_hash
from riskplatform.project.scenario_language import Scenario
from riskplatform.simulation.cube import UnitCube
from riskplatform.simulation.cube_build import CubeRequest, build_cube
from riskplatform.simulation.cube_open import open_cube
from riskplatform.simulation.engines import engine_named
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.store.cubes import cube_id
from riskplatform.stress.band_draws import StressDraws, read
from riskplatform.stress.recoveries import Moved, Override, overrides, with_overrides
from riskplatform.stress.stress_set import Stress, StressMoves

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

HORIZON_DAYS = 0
"""The clock stands still: a stress is what happens at once."""
Progress = Callable[[int, int], None]


def completed(desk: Desk, recipe: Stress) -> Stress:
    """A recipe that names no scenario is that of the whole library."""
    if recipe.scenarios:
        return recipe
    return Stress.of(list(scenario_library(desk).scenarios.values()))


def scenarios_of(desk: Desk, recipe: Stress) -> list[Scenario]:
    """The scenarios of a recipe as the desk's files have them; refused if they do other things."""
    known = scenario_library(desk).scenarios
    found = []
    for name, digest in completed(desk, recipe).scenarios:
        if name not in known:
            raise UnknownNameError("scenario", name, known)
        if known[name].content_hash != digest:
            raise UserInputError(
                f"The scenario {name} has changed since the recipe was made.",
                hint="Make the recipe again from the library.",
            )
        found.append(known[name])
    return found


def stress_set(
    desk: Desk, scenarios: Sequence[Scenario], as_of: date, *, days: int, snapshot: int
) -> StressMoves:
    """The moves of scenarios on everything that is held."""
    return StressGround(desk, as_of, days=days, snapshot=snapshot).moves(scenarios)


class StressCubes(NamedTuple):
    """The cube of scenarios, and that of draws about those that infer the rest."""

    cube: UnitCube
    draws: UnitCube | None


def build(
    desk: Desk,
    scenarios: Sequence[Scenario],
    as_of: date,
    *,
    days: int,
    snapshot: int,
    progress: Progress | None,
) -> StressCubes:
    """Full revaluation of every unit in every scenario, with the recoveries that some name."""
    ground = StressGround(desk, as_of, days=days, snapshot=snapshot)
    made = ground.moves(scenarios)
    cube = _built(desk, ground, made.whole, made.moves, progress)
    draws = None
    if made.draws is not None:
        draws = _built(desk, ground, made.draws, made.drawn, progress)
        asked = cube_question(desk, made.draws.recipe, as_of, days, 0, snapshot)
        desk.cubes.remember(asked, draws.cube_id)
    return StressCubes(cube, draws)


def known_draws(
    desk: Desk,
    cube: UnitCube,
    scenarios: Sequence[Scenario],
    as_of: date,
    *,
    days: int,
    snapshot: int,
    progress: Progress | None,
) -> UnitCube | None:
    """The draws about the scenarios of a cube; none where nothing is inferred."""
    inferred = read(cube.cube.notes["scenario_set"]["inputs"])
    wanted = [each for each in scenarios if each.scenario_id in inferred]
    if not wanted:
        return None
    recipe = StressDraws.of(wanted)
    known = known_cube(desk, recipe, as_of, days=days, seed=0, snapshot=snapshot)
    if known is not None:
        return known
    # Pruned, or never made: the cube of the scenarios themselves is there already.
    return build(desk, wanted, as_of, days=days, snapshot=snapshot, progress=progress).draws


def _built(
    desk: Desk,
    ground: StressGround,
    whole: ScenarioSet,
    moves: Sequence[Moved],
    progress: Progress | None,
) -> UnitCube:
    desk.scenario_sets.save(whole)
    found = build_cube(
        desk.cubes,
        CubeRequest(ground.book, whole, HORIZON_DAYS),
        engine=engine_named(desk.settings.engine, desk.settings.engine_address),
        progress=progress,
        lock_timeout_seconds=desk.settings.lock_timeout_seconds,
    )
    return _with_recoveries(desk, found, overrides(moves, whole, ground.book, ground.terms))


def _with_recoveries(desk: Desk, found: UnitCube, other: Sequence[Override]) -> UnitCube:
    """The cube with overridden rows, kept as one of its own: whatever reads it sees them."""
    if not other:
        return found
    key = {**found.key, "overrides": content_hash(other)}
    identifier = cube_id(key)
    if identifier not in desk.cubes:
        table = with_overrides(found, other).cube
        try:
            with desk.cubes.create(key, table.row_ids, table.column_labels) as part:
                for index in part.missing_blocks():
                    part.write_block(index, table.values[part.manifest.block(index)])
                part.commit(dict(table.notes))
        except ConflictError:
            if identifier not in desk.cubes:
                raise
    return open_cube(desk.cubes, identifier)
