"""The scenarios of a question as columns: from the cube of the library, or priced in memory.

What is a column already is taken as it is. Of a scenario that is none only those units are priced
that read a factor which it moves; for an instrument that nobody holds only its own row is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from riskplatform.desk.cubing import known_stress_cube
from riskplatform.desk.risk_books import book_of
from riskplatform.desk.scenario_library import scenario_library
from riskplatform.desk.stress_bench import StressBench
from riskplatform.desk.unit_facts import marked_facts
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import MissingDataError, RiskPlatformError, UserInputError
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.project.scenario_language import Scenario
from riskplatform.project.scenario_language.scenario import INFER
from riskplatform.simulation.cube import UnitCube
from riskplatform.simulation.cube_rows import LEADING, TIME, VALUE
from riskplatform.store.cubes.store import Cube
from riskplatform.stress.asking import Columns
from riskplatform.stress.stress_set import Stress

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

Instruments = frozenset[str]


@dataclass(frozen=True, eq=False)
class Part:
    """A scenario's column in ``cube``; that of ``known`` stands where a row is in it."""

    cube: UnitCube
    origin: str
    known: UnitCube | None = None

    def column(self, label: str, row_ids: Sequence[str]) -> FloatArray:
        """By row."""
        found = _column_of(self.cube, label, row_ids)
        if self.known is None:
            return found
        other = _column_of(self.known, label, row_ids)
        inside = np.isin(np.array(row_ids), np.array(self.known.cube.row_ids))
        return np.asarray(np.where(inside, other, found))


class ScenarioColumns:
    """Of one day, one ledger and one market; what was planned once stays ready."""

    def __init__(self, desk: Desk, as_of: date, *, days: int, snapshot: int) -> None:
        self._desk, self._as_of, self._days, self._snapshot = desk, as_of, days, snapshot
        self._benches: dict[Instruments, StressBench] = {}
        self._known: dict[str, Columns] = {}

    def of(
        self,
        scenarios: Sequence[Scenario],
        also: Instruments = frozenset(),
        leaves: Sequence[str] = (),
        *,
        with_marks: bool = False,
    ) -> Columns:
        """A book with a column for each scenario, and the reason of each that has none.

        ``also`` are instruments beside those held, ``leaves`` portfolios beside those that hold
        something; ``with_marks`` the book knows the values that trades are paid at.
        """
        asked = [(each.scenario_id, each.content_hash) for each in scenarios]
        key = content_hash(asked, sorted(also), with_marks)
        if key not in self._known:
            if len(self._known) >= _MOST_COLUMNS:
                self._known.pop(next(iter(self._known)))
            self._known[key] = self._made(scenarios, also, with_marks)
        found = self._known[key]
        new = sorted(set(leaves) - set(found.book.leaves))
        return replace(found, book=found.book.with_leaves(new)) if new else found

    def _made(self, scenarios: Sequence[Scenario], also: Instruments, with_marks: bool) -> Columns:
        library = list(scenario_library(self._desk).scenarios.values())
        cube = known_stress_cube(
            self._desk, library, self._as_of, days=self._days, snapshot=self._snapshot
        )
        if cube is not None:
            also -= frozenset(cube.instrument_ids)
        inside = frozenset(library) if cube is not None else frozenset()
        parts: dict[str, Part] = {}
        failures: list[Failure] = []
        for each in scenarios:
            try:
                parts[each.scenario_id] = self._part(each, also, cube if each in inside else None)
            except RiskPlatformError as error:
                reason = FailureReason.INVALID_DATA
                failures.append(Failure(reason, str(error), each.scenario_id))
        if not parts:
            raise UserInputError("; ".join(each.message for each in failures[:3]))
        desk = self._desk.looking_at(also) if also else self._desk
        book = book_of(desk, self._as_of, [_joined(parts)])
        self._check(also, book.instrument_ids)
        if with_marks:
            book = replace(book, facts=marked_facts(desk, book))
        return Columns(
            book=book,
            scenarios=tuple(each for each in scenarios if each.scenario_id in parts),
            origins={name: part.origin for name, part in parts.items()},
            failures=tuple(failures),
        )

    def _part(self, scenario: Scenario, also: Instruments, cube: UnitCube | None) -> Part:
        if cube is not None and scenario.scenario_id not in cube.labels:
            facts = cube.cube.notes["scenario_set"]["coverage"]["failures"]
            told = [each["message"] for each in facts if each["subject"] == scenario.scenario_id]
            raise MissingDataError(told[0] if told else f"{scenario.scenario_id} has no column.")
        if cube is not None and not also:
            return Part(cube, f"cube {cube.cube_id[:16]}")
        bench = self._bench(also)
        made = bench.ground.moves([scenario])
        names = [unit.instrument_id for unit in bench.ground.book.units]
        # What follows from a shock is another estimate with the factors of other instruments.
        if cube is not None and not any(each.rest == INFER for each in scenario.all_of()):
            places = [i for i, name in enumerate(names) if name in also]
            priced = bench.priced(made.whole, made.moves, places)
            return Part(priced, f"cube {cube.cube_id[:16]}, {len(places)} units priced", cube)
        touched = bench.touched(made.whole.moves)
        priced = bench.priced(made.whole, made.moves, touched)
        return Part(priced, f"{len(touched)} of {len(names)} units priced")

    def _bench(self, also: Instruments) -> StressBench:
        if also not in self._benches:
            if len(self._benches) >= _MOST_BENCHES:
                self._benches.pop(next(iter(self._benches)))
            desk = self._desk.looking_at(also) if also else self._desk
            self._benches[also] = desk.stress_bench(
                self._as_of, days=self._days, at_snapshot=self._snapshot
            )
        return self._benches[also]

    def _check(self, also: Instruments, known: Sequence[str]) -> None:
        """What is traded and cannot be priced is refused, with the reason."""
        for name in sorted(also - set(known)):
            failed = self._bench(also).ground.book.failures
            told = [each.message for each in failed if each.subject == name]
            raise UserInputError(
                " ".join([f"{name} cannot be priced on {self._as_of}.", *told]),
                hint="Name what is alive and has a market on the day, or another day.",
            )


_MOST_BENCHES, _MOST_COLUMNS = 4, 16


def _joined(parts: Mapping[str, Part]) -> UnitCube:
    """One table of all columns; a unit without a value in one of them is in none."""
    # A bench has every row; where all come from one cube that has.
    widest = max((part.cube for part in parts.values()), key=lambda cube: len(cube.cube.row_ids))
    row_ids = widest.cube.row_ids
    columns = [part.column(label, row_ids) for label, part in parts.items()]
    table = np.column_stack([widest.cube.values[:, :LEADING], *columns])
    table[np.isnan(table).any(axis=1)] = np.nan
    failures = {
        str(each.subject): each
        for part in parts.values()
        for cube in (part.cube, part.known)
        if cube is not None
        for each in cube.failures
    }
    inside = Cube(
        cube_id="in memory",
        key=widest.key,
        row_ids=row_ids,
        column_labels=(VALUE, TIME, *parts),
        values=table.astype(np.float32),  # type: ignore[arg-type]
        notes={"scenario_set": {"recipe": {"maker": Stress.maker}}},
    )
    return replace(
        widest,
        cube=inside,
        weights=np.full(len(parts), 1.0 / len(parts)),
        failures=tuple(failures.values()),
    )


def _column_of(cube: UnitCube, label: str, row_ids: Sequence[str]) -> FloatArray:
    """A column on an axis of rows; a row that the cube has not has no number."""
    at = LEADING + cube.labels.index(label)
    if tuple(row_ids) == cube.cube.row_ids:
        return np.asarray(cube.cube.values[:, at], dtype=np.float64)
    place = {name: i for i, name in enumerate(cube.cube.row_ids)}
    rows = np.array([place.get(name, -1) for name in row_ids], dtype=np.intp)
    found = np.asarray(cube.cube.values[rows, at], dtype=np.float64)
    return np.asarray(np.where(rows >= 0, found, np.nan))
