"""Monte Carlo from a mean and a covariance: normal, or Student-t with the same covariance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.market.content import FloatArray, content_hash
from riskplatform.simulation.axis import FactorAxis
from riskplatform.simulation.drawn import DrawnRecipe, check_fits, mean_vector, planned
from riskplatform.simulation.draws import DrawPlan
from riskplatform.simulation.facts import Reference
from riskplatform.simulation.mixing import mixing_variance
from riskplatform.simulation.plan import Drawn, ScenarioPlan
from riskplatform.simulation.products import product
from riskplatform.simulation.recipe import need, registered
from riskplatform.simulation.roots import covariance_root


@registered
@dataclass(frozen=True, eq=False, kw_only=True)
class Gaussian(DrawnRecipe):
    """Normal moves; mean and covariance grow with the horizon."""

    maker: ClassVar[str] = "gaussian"
    repair: bool = True


@registered
@dataclass(frozen=True, eq=False, kw_only=True)
class StudentT(DrawnRecipe):
    """Moves over the horizon are Student-t with ``nu`` degrees of freedom, together."""

    maker: ClassVar[str] = "student_t"
    nu: float = 5.0
    repair: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        need(self.nu > 2.0, f"nu is {self.nu}; a covariance exists above 2 only.")


@dataclass(frozen=True, slots=True, eq=False)
class EllipticalDraw:
    """mean + root · normals, times the random scale when ``nu`` is finite."""

    numbers: DrawPlan
    mean: FloatArray
    root: FloatArray
    nu: float = np.inf

    def __call__(self, block: int, rows: int) -> Drawn:
        draws = self.numbers.block(block, rows)
        moves = product(draws.normals[:, 0, : self.root.shape[1]], self.root.T)
        if np.isfinite(self.nu):
            scale = mixing_variance(draws.uniforms[:, 0, 0], self.nu) * (self.nu - 2.0) / self.nu
            moves *= np.sqrt(scale)[:, None]
        moves += self.mean
        return Drawn(moves)


def monte_carlo_plan(
    axis: FactorAxis,
    covariance: ArrayLike,
    recipe: Gaussian | StudentT,
    *,
    seed: int,
    mean: ArrayLike | None = None,
) -> ScenarioPlan:
    """Scenarios from a daily covariance and mean."""
    root = covariance_root(covariance, repair=recipe.repair)
    check_fits(axis, len(root.covariance), "The covariance")
    drift = mean_vector(axis, mean)
    days, width = recipe.horizon_days, root.matrix.shape[1]
    nu = recipe.nu if isinstance(recipe, StudentT) else np.inf
    numbers = recipe.draw_plan(seed, width, 1 if np.isfinite(nu) else 0)
    return planned(
        axis,
        recipe,
        seed,
        EllipticalDraw(numbers, drift * days, root.matrix * np.sqrt(days), nu),
        inputs={
            "covariance": content_hash(np.asarray(covariance, dtype=np.float64)),
            "mean": content_hash(drift),
        },
        label="draw",
        notes=root.notes + recipe.scheme_notes(width),
        reference=Reference.of(drift * days, root.covariance * days),
    )
