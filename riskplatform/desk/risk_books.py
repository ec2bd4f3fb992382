"""The book of risk of a day: positions from the ledger, cubes by scenario set, joined once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from riskplatform.desk.book_state import ledger_input
from riskplatform.desk.holdings import holdings_of
from riskplatform.desk.known_cubes import known_cube
from riskplatform.desk.recipes import recipe_of
from riskplatform.desk.snapshots import market_snapshot
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.pricing.attributes import attributes
from riskplatform.risk.book import RiskBook, ScenarioView, tree_rows
from riskplatform.simulation.cube import UnitCube
from riskplatform.simulation.recipe import Recipe
from riskplatform.simulation.scenario_set import ScenarioSet

if TYPE_CHECKING:
    import pandas as pd
    from scipy import sparse

    from riskplatform.desk.desk import Desk

HISTORICAL, MONTE_CARLO = "historical", "factor_model"
USUAL_SETS = (HISTORICAL, MONTE_CARLO)
"""The scenario sets of risk where none is named: days as they were, and drawn ones."""

# Scenarios of these makers are days in their order.
_OF_DAYS = frozenset({"historical"})

Asked = ScenarioSet | Recipe | str | Mapping[str, Any]


def risk_book(
    desk: Desk,
    as_of: date,
    scenarios: Sequence[Asked],
    *,
    days: int,
    seed: int,
    at_snapshot: int | None,
    with_exposures: bool,
    progress: Callable[[int, int], None] | None,
) -> RiskBook:
    """Everything but benchmarks as held on a day, with one view per scenario set."""
    if not scenarios:
        raise UserInputError("No scenario set is named.", hint="Give one, such as historical.")
    positions = _held(desk, as_of)
    cubes = [
        desk.cube(asked, as_of, days=days, seed=seed, at_snapshot=at_snapshot, progress=progress)
        for asked in scenarios
    ]
    found = book_of(desk, as_of, cubes, positions)
    return with_facts(desk, found) if with_exposures else found


def built_book(
    desk: Desk,
    as_of: date,
    scenarios: Sequence[Asked],
    *,
    days: int,
    seed: int,
    at_snapshot: int | None,
    with_exposures: bool,
) -> RiskBook:
    """The same from cubes that are there; nothing is built."""
    positions = _held(desk, as_of)
    snapshot = market_snapshot(desk.lake) if at_snapshot is None else at_snapshot
    cubes = []
    for asked in scenarios:
        chosen = asked if isinstance(asked, ScenarioSet) else recipe_of(asked)
        cube = known_cube(desk, chosen, as_of, days=days, seed=seed, snapshot=snapshot)
        if cube is None:
            name = chosen.recipe.maker if isinstance(chosen, ScenarioSet) else chosen.maker
            raise MissingDataError(
                f"No cube of {name} scenarios is built for {as_of} and what is held now.",
                hint="Build it with `riskplatform risk run`, given the same options.",
            )
        cubes.append(cube)
    found = book_of(desk, as_of, cubes, positions)
    return with_facts(desk, found) if with_exposures else found


def with_facts(desk: Desk, book: RiskBook) -> RiskBook:
    """The same with values and sensitivities of its units, which takes seconds."""
    from riskplatform.desk.unit_facts import unit_facts

    return replace(book, facts=unit_facts(desk, book))


def book_of(
    desk: Desk, as_of: date, cubes: Sequence[UnitCube], positions: pd.DataFrame | None = None
) -> RiskBook:
    """The book of a day over cubes of what it holds; they share one axis of instruments."""
    if positions is None:
        positions = _held(desk, as_of)
    first = cubes[0]
    if any(cube.instrument_ids != first.instrument_ids for cube in cubes):
        raise UserInputError(
            "The cubes are of different holdings.", hint="Build them for the same day and book."
        )
    held, leaves, missing = holdings_of(positions, first)
    tree = desk.portfolios()
    nodes, below = tree_rows(tree, leaves)
    terms = desk.instruments()
    return RiskBook(
        name=desk.settings.name,
        as_of=as_of,
        base_currency=desk.settings.base_currency,
        tree=tree,
        nodes=nodes,
        leaves=leaves,
        below=below,
        instrument_ids=first.instrument_ids,
        holdings=held,
        attributes=_attributes(first, terms),
        views={view.name: view for view in _views(cubes, held, desk.settings.base_currency)},
        failures=_failures(cubes, held, missing),
        inputs={
            "ledger": ledger_input(desk),
            **{f"cube {i}": cube.cube_id[:16] for i, cube in enumerate(cubes, start=1)},
        },
    )


def _held(desk: Desk, as_of: date) -> pd.DataFrame:
    """All lines but those of benchmarks."""
    leaves = desk._scope(None).leaves
    positions = desk.ledger.positions(as_of, portfolio_ids=leaves).to_frame()
    if positions.empty:
        raise MissingDataError(
            f"Nothing is held on {as_of}.",
            hint="Import positions with `riskplatform portfolio import`, or name another day.",
        )
    return positions


def _attributes(cube: UnitCube, terms: Mapping[str, Any]) -> pd.DataFrame:
    from riskplatform.domain.instruments import Cash

    known = [
        terms.get(name) or Cash.of(currency)
        for name, currency in zip(cube.instrument_ids, cube.currencies, strict=True)
    ]
    return attributes(known)


def _views(
    cubes: Sequence[UnitCube], held: sparse.csr_matrix, base_currency: str
) -> list[ScenarioView]:
    out: list[ScenarioView] = []
    for cube in cubes:
        maker = str(cube.cube.notes["scenario_set"]["recipe"]["maker"])
        taken = {view.name for view in out}
        number = sum(name.split(" ")[0] == maker for name in taken)
        out.append(
            ScenarioView(
                name=maker if maker not in taken else f"{maker} {number + 1}",
                cube=cube,
                base_currency=base_currency,
                gains=cube.profits(held, base_currency),
                maker=maker,
                is_history=maker in _OF_DAYS,
                horizon_days=int(cube.key["horizon_days"]),
            )
        )
    return out


def _failures(
    cubes: Sequence[UnitCube], held: sparse.csr_matrix, missing: Sequence[str]
) -> tuple[Failure, ...]:
    """Once for each instrument that is held and has no gains in some view."""
    found = {
        name: Failure(FailureReason.MISSING_DATA, f"{name} is not in the cube.", name)
        for name in missing
    }
    for cube in cubes:
        broken = {cube.instrument_ids[place] for place in cube.not_covered(held)}
        reasons = {str(each.subject): each for each in cube.failures}
        for name in sorted(broken - set(found)):
            found[name] = reasons.get(name) or Failure(
                FailureReason.MISSING_DATA, f"{name} has no value in the scenarios.", name
            )
    return tuple(found.values())
