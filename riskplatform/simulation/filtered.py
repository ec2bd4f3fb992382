"""Filtered historical simulation (Barone-Adesi, Giannopoulos and Vosper, 1999).

History is divided by its own GARCH volatility; whole days of residuals are drawn again, so that
what happened together stays together; each path starts from today's volatility and follows its
own shocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from riskplatform.domain.outcome import Failure
from riskplatform.errors import DataError
from riskplatform.factors.garch.model import GarchParameters
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.simulation.drawn import DrawnRecipe, check_fits, planned
from riskplatform.simulation.draws import Scheme
from riskplatform.simulation.evolve import evolved
from riskplatform.simulation.facts import Reference
from riskplatform.simulation.garch import garch_filter
from riskplatform.simulation.history import FactorHistory
from riskplatform.simulation.kinds import Kinds
from riskplatform.simulation.plan import Drawn, ScenarioPlan
from riskplatform.simulation.products import correlation_from, covariance_of
from riskplatform.simulation.recipe import need, registered
from riskplatform.simulation.streams import block_stream
from riskplatform.simulation.windows import windows


@registered
@dataclass(frozen=True, eq=False, kw_only=True)
class FilteredHistorical(DrawnRecipe):
    """Days drawn with replacement, ``days_together`` in a row; residuals are recentred to mean 0
    and variance 1 unless ``recentred`` is False.

    ``volatility`` says where a desk takes the parameters of the filter from: 'ewma' (decay 0.94, no
    fitting) or 'garch' (a GJR with t shocks fitted to each factor, minutes for a large book).
    """

    maker: ClassVar[str] = "filtered_historical"
    horizon_days: int = 10
    days_together: int = 1
    recentred: bool = True
    least_days: int = 100
    volatility: str = "ewma"

    def __post_init__(self) -> None:
        super().__post_init__()
        need(
            self.volatility in ("ewma", "garch"),
            f"The volatility is {self.volatility!r}; it is 'ewma' or 'garch'.",
        )
        need(
            self.scheme == Scheme.PSEUDO,
            f"Days of a history are drawn by the scheme 'pseudo'; found {self.scheme!r}.",
        )
        need(self.days_together >= 1, f"{self.days_together} days together; at least 1.")
        need(self.least_days >= 2, f"At least 2 days are needed; found {self.least_days}.")


@dataclass(frozen=True, slots=True, eq=False)
class FilteredDraw:
    """Rows of residuals picked at random, run through the volatility dynamics."""

    recipe: FilteredHistorical
    seed: int
    residuals: FloatArray
    parameters: GarchParameters
    variance: FloatArray
    kinds: Kinds

    def __call__(self, block: int, rows: int) -> Drawn:
        picked = self._days(block)[:, :rows]
        units = (self.residuals[days] for days in picked)
        return Drawn(evolved(units, self.parameters, self.variance, self.kinds))

    def _days(self, block: int) -> NDArray[np.int64]:
        """Which day of history each day of each path is: [day, scenario]."""
        together, count = self.recipe.days_together, len(self.residuals)
        horizon, size = self.recipe.horizon_days, self.recipe.block_size
        stream = block_stream(self.seed, "days", block)
        runs = -(-horizon // together)
        # Scenario by scenario, so that a longer set starts with the same ones.
        starts = stream.integers(0, count, size=(size, runs))
        days = (starts[:, :, None] + np.arange(together)) % count
        return np.ascontiguousarray(days.reshape(size, -1)[:, :horizon].T, dtype=np.int64)


def filtered_historical_plan(
    history: FactorHistory,
    parameters: GarchParameters,
    recipe: FilteredHistorical | None = None,
    *,
    seed: int,
    failures: tuple[Failure, ...] = (),
) -> ScenarioPlan:
    """Scenarios from a history and its GARCH parameters; ``failures`` are those of the fit."""
    recipe = recipe or FilteredHistorical()
    axis = history.axis
    check_fits(axis, len(parameters), "The GARCH parameters")
    found = windows(history, least=recipe.least_days)
    residuals, variance = garch_filter(found.moves, parameters)
    if recipe.recentred:
        residuals = recentred(residuals)
    if not np.isfinite(variance).all():
        raise DataError("The GARCH variance of the history is not finite.")
    notes = found.notes + _notes(recipe, len(residuals), failures)
    return planned(
        axis,
        recipe,
        seed,
        FilteredDraw(recipe, seed, residuals, parameters, variance[-1], axis.kinds),
        inputs={"history": history.digest, "garch": content_hash(parameters)},
        label="path",
        notes=notes,
        coverage=history.coverage,
        reference=_reference(residuals, parameters, variance[-1], recipe.horizon_days),
    )


def recentred(residuals: FloatArray) -> FloatArray:
    """Residuals with mean 0 and variance 1; a factor that never moves keeps its zeros."""
    centred = residuals - residuals.mean(axis=0)
    deviation = np.sqrt(np.square(centred).mean(axis=0))
    scale = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=deviation > 0.0)
    return np.asarray(centred * scale, dtype=np.float64)


def bootstrap_forecast(
    residuals: FloatArray, parameters: GarchParameters, variance: FloatArray, days: int
) -> FloatArray:
    """Row k: the expected variance on day k+1 when days are drawn from ``residuals``.

    Exact for residuals with mean 0 and variance 1: the leverage term meets the negative residuals
    that there are, not half of a symmetric distribution.
    """
    fallen = np.where(residuals < 0.0, np.square(residuals), 0.0).mean(axis=0)
    keep = parameters.alpha + parameters.gamma * fallen + parameters.beta
    table = np.empty((days, len(parameters)))
    table[0] = variance
    for day in range(1, days):
        table[day] = parameters.omega + keep * table[day - 1]
    return table


def _reference(
    residuals: FloatArray, parameters: GarchParameters, variance: FloatArray, days: int
) -> Reference:
    expected = bootstrap_forecast(residuals, parameters, variance, days).sum(axis=0)
    correlation = correlation_from(covariance_of(residuals))
    return Reference(parameters.mean * days, np.sqrt(expected), correlation)


def _notes(recipe: FilteredHistorical, days: int, failures: tuple[Failure, ...]) -> tuple[str, ...]:
    notes = [f"{failure.subject}: {failure.message}." for failure in failures]
    if recipe.days_together > days:
        notes.append(f"{recipe.days_together} days together wrap around a history of {days}.")
    return tuple(notes)
