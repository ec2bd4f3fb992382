"""What the factors that a scenario does not name do: still, or as they usually go with the rest."""

from __future__ import annotations

import numpy as np

from riskplatform.market.content import FloatArray
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.project.scenario_language.scenario import Propagation, Scenario
from riskplatform.simulation.history import FactorHistory
from riskplatform.simulation.windows import windows
from riskplatform.stress.conversions import Rows, stress_to_usual, usual_to_stress
from riskplatform.stress.factor_table import BoolArray, FactorTable


def propagate(shocked: BoolArray, moves: FloatArray, covariance: FloatArray) -> FloatArray:
    """Moves of all factors: those shocked as they are, the others at their conditional mean.

    The mean given the shocked moves is the same for normal and Student t factors; what differs is
    the band around it. ``covariance`` [factor, factor] is of the same factors as ``moves``.
    """
    found = np.array(moves, dtype=np.float64)
    if shocked.all() or not shocked.any():
        return found
    known = covariance[np.ix_(shocked, shocked)]
    crossed = covariance[np.ix_(~shocked, shocked)]
    found[~shocked] = crossed @ np.linalg.lstsq(known, found[shocked], rcond=1e-12)[0]
    return found


class Inference:
    """Fills in the rest of a scenario from a history; covariances are estimated once each."""

    def __init__(self, table: FactorTable, history: FactorHistory) -> None:
        self._table, self._history = table, history
        self._known: dict[int, tuple[Rows, FloatArray]] = {}

    def __call__(
        self, scenario: Scenario, moves: FloatArray, named: BoolArray
    ) -> tuple[FloatArray, tuple[str, ...]]:
        """Moves by the table's axis with the rest inferred, and what is to be said of it."""
        rows, covariance = self._covariance(scenario.propagation)
        shocked = named[rows]
        if not shocked.any():
            return moves, ("Nothing that moves has a history, so the rest stands still.",)
        usual = stress_to_usual(self._table, rows, moves[rows])
        inferred = propagate(shocked, usual, covariance)
        found = moves.copy()
        free = rows[~shocked]
        found[free] = usual_to_stress(self._table, free, inferred[~shocked])
        return found, (
            f"{len(free)} factors inferred from {int(shocked.sum())} by "
            f"{scenario.propagation.window_days} days of history.",
        )

    def _covariance(self, choices: Propagation) -> tuple[Rows, FloatArray]:
        """The rows of the table with a history that moves, and the covariance of their moves."""
        if choices.window_days not in self._known:
            self._known[choices.window_days] = self._estimated(choices.window_days)
        rows, covariance = self._known[choices.window_days]
        if choices.correlation_toward_one:
            covariance = self._toward_one(rows, covariance, choices.correlation_toward_one)
        return rows, covariance

    def _estimated(self, days: int) -> tuple[Rows, FloatArray]:
        from riskplatform.factors.covariance.shrinkage import LedoitWolf

        used = self._history.last(min(days + 1, len(self._history)))
        place = {name: i for i, name in enumerate(used.axis.factor_ids)}
        names = self._table.factor_ids
        rows = np.array([i for i, name in enumerate(names) if name in place], dtype=np.intp)
        found = windows(used).moves[:, [place[names[row]] for row in rows]]
        moving = found.std(axis=0) > 0
        rows, found = rows[moving], found[:, moving]
        fitted = LedoitWolf().fit(found, [names[row] for row in rows])
        return rows, np.asarray(fitted.covariance)

    def _toward_one(self, rows: Rows, covariance: FloatArray, share: float) -> FloatArray:
        """Correlations of prices go that far to one; volatilities stay."""
        prices = self._table.of_kind(NodeKind.SPOT)[rows]
        deviations = np.sqrt(np.diagonal(covariance))
        together = np.outer(deviations * prices, deviations * prices)
        block = np.outer(prices, prices)
        return np.where(block, (1.0 - share) * covariance + share * together, covariance)
