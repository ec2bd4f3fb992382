"""The cube of stress scenarios: found by what was asked, or built like any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from riskplatform.desk.factor_levels import factor_levels
from riskplatform.desk.scenario_library import scenario_library
from riskplatform.desk.units import held_units
from riskplatform.domain.instruments import Instrument
from riskplatform.errors import ConflictError, UnknownNameError, UserInputError
from riskplatform.market.content import content_hash
from riskplatform.pricing.units.book import UnitBook
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.project.scenario_language import Scenario
from riskplatform.simulation.cube import UnitCube
from riskplatform.simulation.cube_build import CubeRequest, build_cube, open_cube
from riskplatform.simulation.engines import engine_named
from riskplatform.simulation.history import FactorHistory
from riskplatform.simulation.windows import windows
from riskplatform.store.cubes import cube_id
from riskplatform.stress.factor_table import FactorTable, factor_table
from riskplatform.stress.propagation import Inference
from riskplatform.stress.recoveries import overrides, with_overrides
from riskplatform.stress.stress_set import Stress, StressMoves, needs_history, stress_moves

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
    return _moves(desk, scenarios, as_of, days=days, snapshot=snapshot)[0]


def build(
    desk: Desk,
    scenarios: Sequence[Scenario],
    as_of: date,
    *,
    days: int,
    snapshot: int,
    progress: Progress | None,
) -> UnitCube:
    """Full revaluation of every unit in every scenario, with the recoveries that some name."""
    made, book, terms = _moves(desk, scenarios, as_of, days=days, snapshot=snapshot)
    desk.scenario_sets.save(made.whole)
    request = CubeRequest(book, made.whole, HORIZON_DAYS)
    found = build_cube(
        desk.cubes,
        request,
        engine=engine_named(desk.settings.engine, desk.settings.engine_address),
        progress=progress,
        lock_timeout_seconds=desk.settings.lock_timeout_seconds,
    )
    return _with_recoveries(desk, found, made, book, terms)


def _moves(
    desk: Desk, scenarios: Sequence[Scenario], as_of: date, *, days: int, snapshot: int
) -> tuple[StressMoves, UnitBook, Mapping[str, Instrument]]:
    _, book = held_units(desk, as_of, snapshot)
    terms = desk.instruments()
    table = factor_table(book, terms)
    if not any(needs_history(each) for each in scenarios):
        return stress_moves(scenarios, table, as_of), book, terms
    longest = max(each.propagation.window_days for one in scenarios for each in one.all_of())
    nodes = [node for node in table.nodes if node.kind is not NodeKind.BASIS]
    history = factor_levels(desk, nodes, as_of, max(days, longest), snapshot)
    moved = windows(history.last(min(days + 1, len(history)))).moves
    deviations = dict(zip(history.axis.factor_ids, moved.std(axis=0, ddof=1), strict=True))
    table = table.with_deviations({name: float(size) for name, size in deviations.items()})
    return _inferred(scenarios, table, as_of, history), book, terms


def _inferred(
    scenarios: Sequence[Scenario], table: FactorTable, as_of: date, history: FactorHistory
) -> StressMoves:
    return stress_moves(
        scenarios,
        table,
        as_of,
        history=history,
        fill=Inference(table, history),
        inputs={"history": history.digest},
    )


def _with_recoveries(
    desk: Desk,
    found: UnitCube,
    made: StressMoves,
    book: UnitBook,
    terms: Mapping[str, Instrument],
) -> UnitCube:
    """The cube with overridden rows, kept as one of its own: whatever reads it sees them."""
    other = overrides(made.moves, made.whole, book, terms)
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
