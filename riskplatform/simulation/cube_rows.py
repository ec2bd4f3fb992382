"""Computes rows of a cube: the change in value of units in every scenario of a set.

The rows of a block of units do not depend on how the work is cut or on how many workers share it,
so that a build can be resumed, spread over machines or repeated, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.market.content import FloatArray
from riskplatform.pricing.units.book import UnitBook
from riskplatform.pricing.units.engine import value_states, words_of
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.pricing.units.plan import Plan
from riskplatform.simulation.nodes import StateMaker
from riskplatform.simulation.plan import ScenarioPlan
from riskplatform.simulation.scenario_set import ScenarioSet

VALUE, TIME = "@value", "@time"
"""The two columns before the scenarios: a unit's value today, and what waiting alone does to it."""
LEADING = 2
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
        # Pieces begin at the same scenarios however a set is drawn, for a model that reads a grid
        # chooses it by the states of a piece.
        first, kept = 0, np.empty((0, len(whole.facts.axis)))
        for moves in blocks:
            waiting = np.concatenate([kept, moves]) if len(kept) else moves
            whole_pieces = len(waiting) - len(waiting) % PIECE
            for start in range(0, whole_pieces, PIECE):
                yield first + start, self.maker.states(waiting[start : start + PIECE])
            first, kept = first + whole_pieces, waiting[whole_pieces:]
        if len(kept):
            yield first, self.maker.states(kept)

    def rows(self, units: Sequence[int]) -> tuple[Float32, tuple[Failure, ...]]:
        """Rows [unit, column] in each unit's currency; one that fails anywhere is not a number."""
        now, later = (
            value_states(self.book.plan_of(units, days), self.book.layout.states(1))
            for days in (0, self.horizon_days)
        )
        plan = self.book.plan_of(units, self.horizon_days)
        table = np.empty((len(units), self.width), dtype=np.float32)
        values = now.values[:, 0]
        table[:, 0] = values
        table[:, 1] = later.values[:, 0] + later.cash - values
        broken = [(now.status[:, 0], 0), (later.status[:, 0], 0)]
        for first, states in self.pieces():
            found = value_states(plan, states)
            # The sum is made in double precision and rounded once.
            gained = found.values + found.cash[:, None] - values[:, None]
            table[:, LEADING + first : LEADING + first + len(states)] = gained
            broken.append((found.status.max(axis=1), first))
        failures = tuple(_failures(plan, broken))
        for failure in failures:
            table[plan.instrument_ids.index(str(failure.subject))] = np.nan
        return table, failures

    def currency_rows(self, currencies: Sequence[str]) -> Float32:
        """Relative change of each currency's price in the pivot; the first columns are 0."""
        layout = self.book.layout
        places = [layout.place(NodeKind.FX, name).start for name in currencies]
        table = np.zeros((len(currencies), self.width), dtype=np.float32)
        for first, states in self.pieces():
            moved = np.expm1(states[:, places] - layout.base[places]).T
            table[:, LEADING + first : LEADING + first + len(states)] = moved
        return table


def _moves_of(plan: ScenarioPlan) -> Iterator[FloatArray]:
    return (block.moves for block in plan.blocks())


def _failures(plan: Plan, broken: Sequence[tuple[NDArray[np.int8], int]]) -> Iterator[Failure]:
    """One for each unit that has no value somewhere."""
    worst = np.max([status for status, _ in broken], axis=0)
    for row in np.flatnonzero(worst):
        name = plan.instrument_ids[row]
        first = next(start for status, start in broken if status[row])
        message = (
            f"{name} has no value in some scenario (from number {first} on): "
            f"{words_of(int(worst[row]))}."
        )
        yield Failure(FailureReason.CALCULATION_FAILED, message, name)
