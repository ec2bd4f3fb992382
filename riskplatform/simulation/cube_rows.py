"""Computes rows of a cube: the change in value of units in every scenario of a set.

A number depends on its unit, the market as it is, the horizon and its scenario: not on the other
scenarios or units, on how the work is cut or on how many workers share it. So a build can be
resumed, spread over machines or repeated, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.market.content import FloatArray
from riskplatform.pricing.purpose import Purpose
from riskplatform.pricing.units.book import UnitBook
from riskplatform.pricing.units.engine import UnitValues, value_states, words_of
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.pricing.units.plan import Plan
from riskplatform.simulation.cube_shape import LEADING, TIME, VALUE
from riskplatform.simulation.nodes import StateMaker
from riskplatform.simulation.plan import ScenarioPlan
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.store.mapped import give_back

__all__ = ["LEADING", "PIECE", "TIME", "VALUE", "Float32", "RowMaker"]

# States of a piece: a few thousand nodes of it fit a processor's share of memory.
PIECE = 1024

Float32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class RowMaker:
    """Everything that rows are made from, small enough to be sent to a worker."""

    book: UnitBook
    maker: StateMaker
    scenarios: ScenarioSet | ScenarioPlan
    horizon_days: int

    @property
    def width(self) -> int:
        """How many columns a row has."""
        return LEADING + len(self.scenarios)

    def pieces(self) -> Iterator[tuple[int, FloatArray]]:
        """(first scenario, states) a piece at a time."""
        whole = self.scenarios
        blocks = [whole.moves] if isinstance(whole, ScenarioSet) else _moves_of(whole)
        first = 0
        for moves in blocks:
            for start in range(0, len(moves), PIECE):
                piece = moves[start : start + PIECE]
                yield first + start, self.maker.states(piece)
                give_back(piece)
            first += len(moves)

    def rows(self, units: Sequence[int]) -> tuple[Float32, tuple[Failure, ...]]:
        """Rows [unit, column] in each unit's currency; one that fails anywhere is not a number."""
        now, later = (
            _values(self.book.plan_of(units, days), self.book.layout.states(1))
            for days in (0, self.horizon_days)
        )
        plan = self.book.plan_of(units, self.horizon_days)
        table = np.empty((len(units), self.width), dtype=np.float32)
        values = now.values[:, 0]
        table[:, 0] = values
        table[:, 1] = later.values[:, 0] + later.cash - values
        trouble = _Trouble(plan, len(self.scenarios))
        trouble.note(now.status, None)
        trouble.note(later.status, None)
        for first, states in self.pieces():
            found = _values(plan, states)
            # The sum is made in double precision and rounded once.
            gained = found.values + found.cash[:, None] - values[:, None]
            table[:, LEADING + first : LEADING + first + len(states)] = gained
            trouble.note(found.status, first)
        failures = trouble.failures()
        table[list(failures)] = np.nan
        return table, tuple(failures.values())

    def currency_rows(self, currencies: Sequence[str]) -> Float32:
        """Relative change of each currency's price in the pivot; the first columns are 0."""
        layout = self.book.layout
        places = [layout.place(NodeKind.FX, name).start for name in currencies]
        table = np.zeros((len(currencies), self.width), dtype=np.float32)
        for first, states in self.pieces():
            moved = np.expm1(states[:, places] - layout.base[places]).T
            table[:, LEADING + first : LEADING + first + len(states)] = moved
        return table


def _values(plan: Plan, states: FloatArray) -> UnitValues:
    return value_states(plan, states, purpose=Purpose.SCENARIOS)


def _moves_of(plan: ScenarioPlan) -> Iterator[FloatArray]:
    return (block.moves for block in plan.blocks())


class _Trouble:
    """Where units had no value, counted while the pieces go by."""

    def __init__(self, plan: Plan, count: int) -> None:
        self._names, self._scenarios = plan.instrument_ids, count
        self._count = np.zeros(len(plan), dtype=np.int64)
        self._first: dict[int, tuple[int | None, int]] = {}

    def note(self, status: NDArray[np.int8], first: int | None) -> None:
        """Statuses [unit, state] from scenario ``first`` on; of no scenario without it."""
        bad = status != 0
        if first is not None:
            self._count += bad.sum(axis=1)
        for row in np.flatnonzero(bad.any(axis=1)).tolist():
            at = int(bad[row].argmax())
            where = None if first is None else first + at
            self._first.setdefault(row, (where, int(status[row, at])))

    def failures(self) -> dict[int, Failure]:
        """By row."""
        return {row: self._failure(row, *found) for row, found in sorted(self._first.items())}

    def _failure(self, row: int, first: int | None, status: int) -> Failure:
        name = self._names[row]
        where = (
            "in the market as it is"
            if first is None
            else f"in {self._count[row]:,} of {self._scenarios:,} scenarios, the first is number "
            f"{first + 1}"
        )
        message = f"{name} has no value {where}: {words_of(status)}."
        return Failure(FailureReason.CALCULATION_FAILED, message, name)
