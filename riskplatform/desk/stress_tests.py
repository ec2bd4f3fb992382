"""Runs stress scenarios on the book: the cube, what is held, and what selling would cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from riskplatform.desk.cubing import known_stress_cube, stress_cube
from riskplatform.desk.risk_books import book_of
from riskplatform.desk.scenario_library import ScenarioLibrary, chosen, scenario, scenario_library
from riskplatform.desk.snapshots import market_snapshot
from riskplatform.desk.stress_cubes import known_draws
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.project.scenario_language import Scenario
from riskplatform.risk.book import RiskBook, ScenarioView
from riskplatform.simulation.cube import UnitCube
from riskplatform.stress.band_draws import StressDraws, read
from riskplatform.stress.haircuts import costs, haircuts_of, shares_lost
from riskplatform.stress.plausibility import Plausibility
from riskplatform.stress.result import ScenarioLine, StressResult

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

MODEL = "stress full revaluation 1"
Parameters = Mapping[str, str | float]


def run_scenarios(
    desk: Desk,
    ids: Sequence[str | Scenario] | None,
    node: str | None,
    as_of: date,
    *,
    parameters: Parameters | None,
    by: str,
    days: int,
    at_snapshot: int | None,
    progress: Callable[[int, int], None] | None,
) -> StressResult:
    """Scenarios of the library, or some that are in no file.

    Some of the library are taken from the cube of all of it where that is built already.
    """
    library = scenario_library(desk)
    wanted, broken = _wanted(desk, library, ids, parameters)
    if not wanted:
        raise UserInputError(
            "No scenario can be used.",
            hint=str(broken[0].message) if broken else "Put one into the desk's scenarios/ folder.",
        )
    snapshot = market_snapshot(desk.lake) if at_snapshot is None else at_snapshot
    whole = list(library.scenarios.values())
    inside = bool(whole) and set(wanted) <= set(whole)
    known = known_stress_cube(desk, whole, as_of, days=days, snapshot=snapshot) if inside else None
    cube = known or stress_cube(
        desk, wanted, as_of, days=days, at_snapshot=snapshot, progress=progress
    )
    draws = known_draws(
        desk,
        cube,
        wanted if known is None else whole,
        as_of,
        days=days,
        snapshot=snapshot,
        progress=progress,
    )
    book = book_of(desk, as_of, [cube] if draws is None else [cube, draws])
    return result_of(book, cube, wanted, broken, node, by)


def _wanted(
    desk: Desk,
    library: ScenarioLibrary,
    ids: Sequence[str | Scenario] | None,
    parameters: Parameters | None,
) -> tuple[list[Scenario], list[Failure]]:
    if parameters:
        if ids is None or len(ids) != 1 or not isinstance(ids[0], str):
            raise UserInputError("Parameters are of one scenario.", hint="Name that one scenario.")
        return [scenario(desk, ids[0], parameters)], []
    names = None if ids is None else [each for each in ids if isinstance(each, str)]
    given = [] if ids is None else [each for each in ids if isinstance(each, Scenario)]
    if names == []:
        return given, []
    found, broken = chosen(library, names)
    return [*found, *given], broken


def result_of(
    book: RiskBook,
    cube: UnitCube,
    wanted: Sequence[Scenario],
    broken: Sequence[Failure],
    node: str | None,
    by: str,
) -> StressResult:
    """Of a book whose first view is that of the cube; a second one is of draws about it."""
    view = book.view()
    facts = cube.cube.notes["scenario_set"]
    failed = {
        str(each["subject"]): Failure(
            FailureReason(each["reason"]), each["message"], each["subject"]
        )
        for each in facts["coverage"]["failures"]
    }
    place = {label: i for i, label in enumerate(view.labels)}
    done = [each for each in wanted if each.scenario_id in place]
    missing = [failed[e.scenario_id] for e in wanted if e.scenario_id in failed]
    steps = [label for e in done for n in range(1, len(e.path)) if (label := _step(e, n)) in place]
    gains = book.all_gains()
    likely = read(facts["inputs"])
    columns = [place[each.scenario_id] for each in done]
    groups, held = book.sliced(by, node)
    return StressResult(
        node=book.nodes[book.row(node)],
        nodes=book.nodes,
        scenarios=tuple(_line(each, facts, likely.get(each.scenario_id)) for each in done),
        gains=gains[:, columns],
        haircuts=np.asarray(book.below @ _haircuts(book, view, done)),
        groups=groups,
        by_group=view.of(held)[:, columns],
        step_labels=tuple(steps),
        steps=gains[:, [place[label] for label in steps]],
        drawn=_drawn(book, done),
        provenance=Provenance(
            as_of=book.as_of,
            base_currency=book.base_currency,
            model_id=MODEL,
            inputs={
                **book.inputs,
                "node": str(node or ""),
                # One name for all of them: their own are on the result's lines.
                "scenarios": f"{len(done)}, "
                + content_hash([(e.scenario_id, e.content_hash) for e in done])[:16],
            },
            coverage=replace(book.coverage, failures=(*book.failures, *missing, *broken)),
        ),
    )


def _step(scenario: Scenario, number: int) -> str:
    return f"{scenario.scenario_id} step {number}"


def _drawn(book: RiskBook, done: Sequence[Scenario]) -> dict[str, FloatArray]:
    """Gains [node, draw] about the scenarios that infer the rest."""
    if StressDraws.maker not in book.views:
        return {}
    labels = book.view(StressDraws.maker).labels
    gains = book.all_gains(StressDraws.maker)
    found = {}
    for each in done:
        start = f"{each.scenario_id} draw "
        mine = [i for i, label in enumerate(labels) if label.startswith(start)]
        if mine:
            found[each.scenario_id] = gains[:, mine]
    return found


def _line(
    scenario: Scenario, facts: Mapping[str, Any], likely: Plausibility | None
) -> ScenarioLine:
    start = f"{scenario.scenario_id}: "
    own = [note.removeprefix(start) for note in facts["notes"] if note.startswith(start)]
    if scenario.path:
        own.append("The clock stands still: steps follow one another at once.")
    return ScenarioLine(
        scenario_id=scenario.scenario_id,
        title=scenario.title,
        kind=scenario.kind,
        when=scenario.when,
        content_hash=scenario.content_hash,
        notes=tuple(own),
        plausibility=likely,
    )


def _haircuts(book: RiskBook, view: ScenarioView, done: Sequence[Scenario]) -> FloatArray:
    """[leaf, scenario]."""
    found = np.zeros((len(book.leaves), len(done)))
    values: FloatArray | None = None
    for column, each in enumerate(done):
        haircuts = list(haircuts_of(each))
        if haircuts:
            if values is None:
                values = view.cube.worth(book.base_currency)
            shares = shares_lost(haircuts, book.attributes)
            found[:, column] = costs(book.holdings, values, shares)
    return found
