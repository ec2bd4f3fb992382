"""Monte Carlo of many names through few factors: loadings · factor moves + what is their own.

The covariance of the names is never formed: a scenario costs names × factors, not names squared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import DataError
from riskplatform.market.content import FloatArray, content_hash, frozen_array
from riskplatform.simulation.axis import FactorAxis
from riskplatform.simulation.drawn import DrawnRecipe, mean_vector, planned
from riskplatform.simulation.draws import DrawPlan
from riskplatform.simulation.facts import Reference
from riskplatform.simulation.mixing import mixing_variance
from riskplatform.simulation.plan import Drawn, ScenarioPlan
from riskplatform.simulation.products import product
from riskplatform.simulation.recipe import need, registered
from riskplatform.simulation.roots import covariance_root

# Above this the correlations for comparison would be larger than they are worth.
_MOST_COMPARED = 1_000


@registered
@dataclass(frozen=True, eq=False, kw_only=True)
class FactorModel(DrawnRecipe):
    """Factor and own moves; with a finite ``nu`` both are Student-t, with one common scale."""

    maker: ClassVar[str] = "factor_model"
    nu: float | None = None
    repair: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        need(self.nu is None or self.nu > 2.0, f"nu is {self.nu}; it is above 2, or None.")


@dataclass(frozen=True, slots=True, eq=False)
class FactorDraw:
    """mean + spread · factor normals + own deviation · own normals."""

    numbers: DrawPlan
    mean: FloatArray
    spread: FloatArray
    own: FloatArray
    nu: float | None

    def __call__(self, block: int, rows: int) -> Drawn:
        draws = self.numbers.block(block, rows)
        common = self.spread.shape[1]
        moves = product(draws.normals[:, 0, :common], self.spread.T)
        moves += draws.normals[:, 0, common:] * self.own
        if self.nu is not None:
            scale = mixing_variance(draws.uniforms[:, 0, 0], self.nu) * (self.nu - 2.0) / self.nu
            moves *= np.sqrt(scale)[:, None]
        moves += self.mean
        return Drawn(moves)


def factor_model_plan(
    axis: FactorAxis,
    loadings: ArrayLike,
    factor_covariance: ArrayLike,
    specific_variance: ArrayLike,
    recipe: FactorModel | None = None,
    *,
    seed: int,
    mean: ArrayLike | None = None,
) -> ScenarioPlan:
    """Scenarios of the names on ``axis`` from ``loadings`` [name, factor], all per day."""
    recipe = recipe or FactorModel()
    root = covariance_root(factor_covariance, what="The factor covariance", repair=recipe.repair)
    size = len(axis), len(root.covariance)
    beta = frozen_array(loadings, what="The loadings", shape=size)
    specific = frozen_array(specific_variance, what="The specific variance", shape=size[:1])
    if (specific < 0.0).any():
        worst = axis.factor_ids[int(specific.argmin())]
        raise DataError(f"The specific variance of {worst} is {specific.min():.6g}, below zero.")
    drift, days = mean_vector(axis, mean), recipe.horizon_days
    spread = product(beta, root.matrix)
    numbers = recipe.draw_plan(seed, spread.shape[1] + len(axis), 0 if recipe.nu is None else 1)
    return planned(
        axis,
        recipe,
        seed,
        FactorDraw(
            numbers, drift * days, spread * np.sqrt(days), np.sqrt(specific * days), recipe.nu
        ),
        inputs={
            "loadings": content_hash(beta),
            "factor_covariance": content_hash(np.asarray(factor_covariance, dtype=np.float64)),
            "specific_variance": content_hash(specific),
            "mean": content_hash(drift),
        },
        label="draw",
        notes=root.notes + recipe.scheme_notes(spread.shape[1] + len(axis)),
        reference=_reference(drift * days, spread * np.sqrt(days), specific * days),
    )


def _reference(mean: FloatArray, spread: FloatArray, specific: FloatArray) -> Reference:
    if len(mean) > _MOST_COMPARED:
        return Reference(mean, np.sqrt(np.square(spread).sum(axis=1) + specific))
    return Reference.of(mean, product(spread, spread.T) + np.diag(specific))
