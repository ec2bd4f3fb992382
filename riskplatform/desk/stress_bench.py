"""A bench for scenarios that are being written: units are planned once, a run takes a moment.

A bench answers what :meth:`Desk.run_scenarios` would, to the last bit, but nothing
is kept: no set, no cube. It is of one day, one ledger and one lake, and knows nothing later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from riskplatform.desk.risk_books import book_of
from riskplatform.desk.stress_cubes import HORIZON_DAYS
from riskplatform.desk.stress_ground import StressGround
from riskplatform.desk.stress_tests import result_of
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.market.content import FloatArray
from riskplatform.pricing.purpose import Purpose
from riskplatform.pricing.units.engine import value_states, words_of
from riskplatform.pricing.units.needs import needs
from riskplatform.pricing.units.plan import Plan
from riskplatform.project.scenario_language import Scenario
from riskplatform.simulation.cube import CURRENCY, UnitCube
from riskplatform.simulation.cube_rows import LEADING, TIME, VALUE
from riskplatform.simulation.nodes import state_maker
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.simulation.weights import equal_weights
from riskplatform.store.cubes.store import Cube
from riskplatform.stress.parts import ScenarioParts, by_sort
from riskplatform.stress.recoveries import Moved, overrides, with_overrides
from riskplatform.stress.result import StressResult

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk


_MOST_PLANS = 16


class StressBench:
    """Runs any scenario on the book of a day, in memory; only what it touches is priced."""

    def __init__(self, desk: Desk, as_of: date, *, days: int, snapshot: int) -> None:
        self._desk = desk
        self.ground = StressGround(desk, as_of, days=days, snapshot=snapshot)
        book = self.ground.book
        self._plan = book.plan(HORIZON_DAYS)
        self._maker = state_maker(book.layout, self.ground.table.axis(as_of))
        self._now = value_states(self._plan, book.layout.states(1))
        self._needs = [frozenset(needs(unit)) for unit in book.units]
        self._plans: dict[tuple[int, ...], Plan] = {}

    def run(
        self, scenarios: Sequence[Scenario], node: str | None = None, *, by: str = "asset_class"
    ) -> StressResult:
        """What everything below ``node`` gains, by full revaluation."""
        made = self.ground.moves(scenarios)
        cube = self._revalued(made.whole, made.moves)
        cubes = [cube]
        if made.draws is not None:
            cubes.append(self._revalued(made.draws, made.drawn))
        book = book_of(self._desk, self.ground.as_of, cubes)
        return result_of(book, cube, list(scenarios), (), node, by)

    def cube(self, scenarios: Sequence[Scenario]) -> UnitCube:
        """What one unit of everything held gains; in memory."""
        made = self.ground.moves(scenarios)
        return self._revalued(made.whole, made.moves)

    def parts(self, scenario: Scenario, node: str | None = None) -> ScenarioParts:
        """What each sort of factor gains by itself, each revalued in full, and all together."""
        made = self.ground.moves([scenario])
        moves = made.moves[-1].values[-1]
        sorts = by_sort(self.ground.table, moves)
        label = scenario.scenario_id
        whole = replace(
            made.whole,
            moves=np.array([*sorts.values(), moves]),
            weights=equal_weights(len(sorts) + 1),
            labels=(*sorts, label),
        )
        last = replace(made.moves[-1], values=moves[None, :])
        cube = self.priced(whole, [last], self.touched(whole.moves))
        book = book_of(self._desk, self.ground.as_of, [cube])
        gains = dict(zip(whole.labels, book.gains(node).tolist(), strict=True))
        found = result_of(book, cube, [scenario], (), node, "asset_class")
        alone = {name: gains[name] for name in sorts}
        return ScenarioParts(
            node=found.node,
            scenario_id=label,
            title=scenario.title,
            alone=alone,
            together=gains[label] - sum(alone.values()),
            haircuts=found.gain(label) - gains[label],
            provenance=found.provenance,
        )

    def touched(self, moves: FloatArray) -> tuple[int, ...]:
        """The places of units that read a factor which moves in any of some rows of moves."""
        moving = np.flatnonzero((moves != 0.0).any(axis=0))
        nodes = self.ground.table.nodes
        keys = {(nodes[row].kind, nodes[row].name) for row in moving}
        return tuple(i for i, read in enumerate(self._needs) if not keys.isdisjoint(read))

    def _revalued(self, whole: ScenarioSet, moves: Sequence[Moved]) -> UnitCube:
        return self.priced(whole, moves, self.touched(whole.moves))

    def priced(self, whole: ScenarioSet, moves: Sequence[Moved], places: Sequence[int]) -> UnitCube:
        """A cube in which the units at some places are revalued, and the others gain nothing."""
        states = self._maker.states(whole.moves)
        now = self._now.values[:, :1]
        table = np.hstack([now, np.zeros((len(now), 1 + len(whole)))])
        status = np.zeros((len(now), len(whole)), dtype=self._now.status.dtype)
        if places:
            rows = np.asarray(places, dtype=np.intp)
            found = value_states(self._plan_of(tuple(places)), states, purpose=Purpose.SCENARIOS)
            table[rows, LEADING:] = found.values + found.cash[:, None] - now[rows]
            status[rows] = found.status
        failures = self._failures(status)
        table[(status != 0).any(axis=1) | (self._now.status[:, 0] != 0)] = np.nan
        cube = self._opened(whole, table, self._currency_rows(states), failures)
        return with_overrides(cube, overrides(moves, whole, self.ground.book, self.ground.terms))

    def _plan_of(self, places: tuple[int, ...]) -> Plan:
        """Planning most of the units takes longer than valuing the others too would save."""
        if len(places) == len(self._plan):
            return self._plan
        if places not in self._plans:
            if len(self._plans) >= _MOST_PLANS:
                self._plans.pop(next(iter(self._plans)))
            self._plans[places] = self.ground.book.plan_of(places, HORIZON_DAYS)
        return self._plans[places]

    def _failures(self, status: Any) -> list[Failure]:
        names = self._plan.instrument_ids
        whole = np.hstack([self._now.status, status])
        return [
            Failure(
                FailureReason.CALCULATION_FAILED,
                f"{names[row]} has no value: {words_of(int(whole[row][whole[row] != 0][0]))}.",
                names[row],
            )
            for row in np.flatnonzero((whole != 0).any(axis=1))
        ]

    def _currency_rows(self, states: FloatArray) -> FloatArray:
        from riskplatform.pricing.units.flows import NodeKind

        layout = self.ground.book.layout
        codes = self.ground.book.market.fx.currencies
        places = [layout.place(NodeKind.FX, code).start for code in codes]
        moved = np.expm1(states[:, places] - layout.base[places]).T
        return np.hstack([np.zeros((len(places), LEADING)), moved])

    def _opened(
        self, whole: ScenarioSet, units: FloatArray, currencies: FloatArray, failed: list[Failure]
    ) -> UnitCube:
        book = self.ground.book
        codes = list(book.market.fx.currencies)
        names = tuple(unit.instrument_id for unit in book.units)
        failures = (*book.failures, *failed)
        inside = Cube(
            cube_id=f"in memory {whole.scenario_set_id}",
            key={
                "currencies": codes,
                "scenario_set": whole.scenario_set_id,
                "horizon_days": HORIZON_DAYS,
            },
            row_ids=(*(CURRENCY + code for code in codes), *names),
            column_labels=(VALUE, TIME, *whole.labels),
            # As on disk, so that a bench rounds as a cube does.
            values=np.vstack([currencies, units]).astype(np.float32),  # type: ignore[arg-type]
            notes={"scenario_set": whole.facts.to_dict()},
        )
        return UnitCube(
            cube=inside,
            instrument_ids=names,
            currencies=tuple(unit.currency for unit in book.units),
            rates=np.array([book.market.fx.rate(code, book.market.fx.pivot) for code in codes]),
            weights=whole.weights,
            failures=failures,
        )
