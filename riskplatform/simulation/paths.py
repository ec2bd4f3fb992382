"""Monte Carlo over several days with GARCH volatility and constant conditional correlation.

The shocks of a day are normal, or Student-t with each factor's own nu; all factors of a day share
one random scale, so that extremes come together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import DataError
from riskplatform.factors.garch.model import GarchParameters
from riskplatform.market.content import FloatArray, content_hash, frozen_array
from riskplatform.simulation.axis import FactorAxis
from riskplatform.simulation.drawn import DrawnRecipe, check_fits, planned
from riskplatform.simulation.draws import DrawPlan
from riskplatform.simulation.evolve import evolved
from riskplatform.simulation.facts import Reference
from riskplatform.simulation.garch import variance_forecast
from riskplatform.simulation.kinds import Kinds
from riskplatform.simulation.mixing import unit_scales
from riskplatform.simulation.plan import Drawn, ScenarioPlan
from riskplatform.simulation.products import correlation_from, product
from riskplatform.simulation.recipe import registered
from riskplatform.simulation.roots import covariance_root


@registered
@dataclass(frozen=True, eq=False, kw_only=True)
class GarchPaths(DrawnRecipe):
    """Daily steps over the horizon; 'sobol' decides the ends of the paths first."""

    maker: ClassVar[str] = "garch_paths"
    horizon_days: int = 10
    repair: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class GarchDraw:
    """Correlated unit shocks for each day, run through the volatility dynamics."""

    numbers: DrawPlan
    root: FloatArray
    parameters: GarchParameters
    variance: FloatArray
    kinds: Kinds

    def __call__(self, block: int, rows: int) -> Drawn:
        draws = self.numbers.block(block, rows)
        units = (
            self._units(draws.normals[:, day], draws.uniforms[:, day])
            for day in range(self.numbers.days)
        )
        return Drawn(evolved(units, self.parameters, self.variance, self.kinds))

    def _units(self, normals: FloatArray, uniforms: FloatArray) -> FloatArray:
        units = product(normals[:, : self.root.shape[1]], self.root.T)
        if uniforms.shape[1]:
            units *= unit_scales(uniforms[:, 0], self.parameters.nu)
        return units


def garch_paths_plan(
    axis: FactorAxis,
    parameters: GarchParameters,
    correlation: ArrayLike,
    variance: ArrayLike,
    recipe: GarchPaths | None = None,
    *,
    seed: int,
) -> ScenarioPlan:
    """Paths from ``variance``, tomorrow's variance of each factor, under ``correlation``."""
    recipe = recipe or GarchPaths()
    check_fits(axis, len(parameters), "The GARCH parameters")
    root = covariance_root(correlation, what="The correlation", repair=recipe.repair)
    check_fits(axis, len(root.covariance), "The correlation")
    if np.abs(np.diagonal(root.covariance) - 1.0).max() > 1e-9:
        raise DataError("The diagonal of the correlation must be 1.")
    start = frozen_array(variance, what="The variance", shape=(len(axis),))
    if (start < 0.0).any():
        raise DataError(f"The variance of {axis.factor_ids[int(start.argmin())]} is below zero.")
    width = root.matrix.shape[1]
    heavy = bool(np.isfinite(parameters.nu).any())
    numbers = recipe.draw_plan(seed, width, int(heavy), recipe.horizon_days)
    total = variance_forecast(parameters, start, recipe.horizon_days - 1).sum(axis=0)
    return planned(
        axis,
        recipe,
        seed,
        GarchDraw(numbers, root.matrix, parameters, start, axis.kinds),
        inputs={
            "garch": content_hash(parameters),
            "correlation": content_hash(np.asarray(correlation, dtype=np.float64)),
            "variance": content_hash(start),
        },
        label="path",
        notes=root.notes + recipe.scheme_notes(width, recipe.horizon_days),
        reference=Reference(
            parameters.mean * recipe.horizon_days,
            np.sqrt(total),
            correlation_from(root.covariance),
        ),
    )
