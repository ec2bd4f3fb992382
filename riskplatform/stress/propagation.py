"""What the factors that a scenario does not name do: still, or as they usually go with the rest."""

from __future__ import annotations

import math

import numpy as np

from riskplatform.factors.covariance.matrices import Dense, LowRank
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.project.scenario_language.scenario import Propagation, Scenario
from riskplatform.simulation.history import FactorHistory
from riskplatform.simulation.windows import windows
from riskplatform.stress.conditional import conditional
from riskplatform.stress.conversions import Rows, stress_to_usual, usual_to_stress
from riskplatform.stress.days_that_count import DaysThatCount, covariance_of_days
from riskplatform.stress.factor_table import BoolArray, FactorTable
from riskplatform.stress.inferred import Filled, Inferred

Matrix = Dense | LowRank
_MOST_ANSWERS = 64
"""A bench asks the same scenarios again while another is being written."""


class Inference:
    """Fills in the rest of a scenario from a history; covariances are estimated once each."""

    def __init__(self, table: FactorTable, history: FactorHistory) -> None:
        self._table, self._history = table, history
        self._known: dict[DaysThatCount, tuple[Rows, Matrix]] = {}
        self._answers: dict[str, Filled] = {}

    def __call__(self, scenario: Scenario, moves: FloatArray, named: BoolArray) -> Filled:
        """Moves by the table's axis with the rest at its mean given those that are named."""
        key = content_hash(scenario.content_hash, moves, named)
        if key not in self._answers:
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.pop(next(iter(self._answers)))
            self._answers[key] = self._inferred(scenario, moves, named)
        return self._answers[key]

    def _inferred(self, scenario: Scenario, moves: FloatArray, named: BoolArray) -> Filled:
        how = scenario.propagation
        days = days_of(how)
        rows, covariance = self._covariance(how, days)
        shocked = np.flatnonzero(named[rows])
        if not shocked.size:
            return Filled(moves, ("Nothing that moves has a history, so the rest stands still.",))
        usual = stress_to_usual(self._table, rows, moves[rows])
        found = conditional(
            covariance,
            {int(place): float(usual[place]) for place in shocked},
            names=[self._table.factor_ids[row] for row in rows],
            degrees=how.degrees_of_freedom if how.distribution == "t" else None,
            horizon_days=scenario.days,
        )
        filled = moves.copy()
        free = rows[found.free]
        filled[free] = usual_to_stress(self._table, free, found.moves[found.free])
        words = (
            f"{len(free)} factors inferred from {shocked.size} by {days} of history, "
            f"{found.plausibility.distribution}."
        )
        return Filled(filled, (*found.notes, words), Inferred(rows, found))

    def _covariance(self, how: Propagation, days: DaysThatCount) -> tuple[Rows, Matrix]:
        """The rows of the table with a history that moves, and the covariance of their moves."""
        if days not in self._known:
            self._known[days] = self._estimated(days)
        rows, covariance = self._known[days]
        if how.correlation_toward_one:
            prices = self._table.of_kind(NodeKind.SPOT)[rows]
            covariance = toward_one(covariance, prices, how.correlation_toward_one)
        return rows, covariance

    def _estimated(self, days: DaysThatCount) -> tuple[Rows, Matrix]:
        table, history = self._table, self._history
        row = {name: i for i, name in enumerate(table.factor_ids)}
        known = [i for i, name in enumerate(history.axis.factor_ids) if name in row]
        names = [history.axis.factor_ids[i] for i in known]
        found = covariance_of_days(windows(history).moves[:, known], names, days)
        matrix = found.matrix
        assert isinstance(matrix, Matrix)
        return np.array([row[name] for name in found.names], dtype=np.intp), matrix


def days_of(how: Propagation) -> DaysThatCount:
    """The days that a scenario's covariance is of."""
    return DaysThatCount(
        window_days=how.window_days,
        regime=how.regime or None,
        factor_id=how.factor or None,
        below=how.below,
        above=how.above,
    )


def toward_one(covariance: Matrix, prices: BoolArray, share: float) -> Matrix:
    """Correlations of prices go ``share`` of the way to one; volatilities stay.

    A mixture of the covariance and of that in which every price makes the prices' common move,
    so that it is a covariance again; what is no price goes with that common move as it did.
    """
    sizes = np.sqrt(covariance.variances())
    counted = prices & (sizes > 0.0)
    if not counted.any():
        return covariance
    weights = np.divide(1.0, sizes, out=np.zeros(len(sizes)), where=counted)
    weights /= math.sqrt(float(weights @ covariance.multiply(weights)))
    if isinstance(covariance, LowRank) and share < 1.0:
        return _mixed(covariance, counted, sizes, weights, share)
    whole = covariance.dense()
    together = np.where(counted[:, None], np.outer(sizes, weights), np.eye(len(sizes)))
    return Dense((1.0 - share) * whole + share * together @ whole @ together.T)


def _mixed(
    covariance: LowRank, prices: BoolArray, sizes: FloatArray, weights: FloatArray, share: float
) -> LowRank:
    """The mixture as low rank plus diagonal: the common move has one number of its own."""
    loadings, own = covariance.loadings, covariance.own_variances
    common = np.append(weights @ loadings, math.sqrt(float(weights**2 @ own)))
    others = np.column_stack([loadings, np.zeros(len(loadings))])
    together = np.where(prices[:, None], np.outer(sizes, common), others)
    return LowRank(
        np.column_stack([math.sqrt(1.0 - share) * loadings, math.sqrt(share) * together]),
        np.where(prices, (1.0 - share) * own, own),
    )
