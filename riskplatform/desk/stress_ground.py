"""What stress scenarios stand on: the units held, their factors, and the history of those."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from riskplatform.desk.factor_levels import factor_levels
from riskplatform.desk.units import held_units
from riskplatform.errors import DataError
from riskplatform.project.scenario_language import Scenario
from riskplatform.simulation.history import FactorHistory
from riskplatform.simulation.nodes import WITHOUT_HISTORY
from riskplatform.simulation.windows import windows
from riskplatform.stress.factor_table import FactorTable, factor_table
from riskplatform.stress.propagation import Inference
from riskplatform.stress.stress_set import StressMoves, needs_history, stress_moves

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk


class StressGround:
    """Read once for any number of scenarios; the history only when one needs it."""

    def __init__(self, desk: Desk, as_of: date, *, days: int, snapshot: int) -> None:
        self.as_of = as_of
        self.terms = desk.instruments()
        _, self.book = held_units(desk, as_of, snapshot)
        self.table = factor_table(self.book, self.terms)
        self._desk, self._days, self._snapshot = desk, days, snapshot
        self._known: dict[int, tuple[FactorTable, FactorHistory, Inference] | None] = {}

    def moves(self, scenarios: Sequence[Scenario]) -> StressMoves:
        """What scenarios do to the factors; one that needs a history and has none is a failure."""
        if not any(needs_history(each) for each in scenarios):
            return stress_moves(scenarios, self.table, self.as_of)
        longest = max(each.propagation.window_days for one in scenarios for each in one.all_of())
        past = self._past(max(self._days, longest))
        if past is None:
            return stress_moves(scenarios, self.table, self.as_of)
        table, history, fill = past
        return stress_moves(
            scenarios,
            table,
            self.as_of,
            history=history,
            fill=fill,
            inputs={"history": history.digest},
        )

    def _past(self, days: int) -> tuple[FactorTable, FactorHistory, Inference] | None:
        if days not in self._known:
            self._known[days] = self._read(days)
        return self._known[days]

    def _read(self, days: int) -> tuple[FactorTable, FactorHistory, Inference] | None:
        """The table with volatilities, the history, and what infers from it."""
        nodes = [node for node in self.table.nodes if node.kind not in WITHOUT_HISTORY]
        try:
            history = factor_levels(self._desk, nodes, self.as_of, days, self._snapshot)
        except DataError:
            return None
        moved = windows(history.last(min(self._days + 1, len(history)))).moves
        if len(moved) < 2:
            return None
        sizes = dict(zip(history.axis.factor_ids, moved.std(axis=0, ddof=1).tolist(), strict=True))
        table = self.table.with_deviations(sizes)
        return table, history, Inference(table, history)
