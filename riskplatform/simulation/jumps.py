"""Monte Carlo with jumps that all factors share (Merton, 1976): crashes come to many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import pdtr

from riskplatform.market.content import FloatArray, content_hash, frozen_array
from riskplatform.simulation.axis import FactorAxis
from riskplatform.simulation.drawn import DrawnRecipe, check_fits, mean_vector, planned
from riskplatform.simulation.draws import DrawPlan
from riskplatform.simulation.facts import Reference
from riskplatform.simulation.plan import Drawn, ScenarioPlan
from riskplatform.simulation.products import product
from riskplatform.simulation.recipe import need, registered
from riskplatform.simulation.roots import covariance_root


@registered
@dataclass(frozen=True, eq=False, kw_only=True)
class Merton(DrawnRecipe):
    """Normal moves and a Poisson number of normal jumps.

    ``centred`` takes the jumps' mean out again, so that the mean of the moves is the one given.
    """

    maker: ClassVar[str] = "merton"
    jumps_per_year: float = 2.0
    days_per_year: float = 252.0
    centred: bool = True
    repair: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        need(self.jumps_per_year >= 0.0, f"{self.jumps_per_year} jumps a year; at least 0.")
        need(self.days_per_year > 0.0, f"{self.days_per_year} days a year; above 0.")
        need(
            self.expected_jumps <= 100.0,
            f"{self.expected_jumps:.4g} jumps are expected over the horizon; at most 100.",
            "So many jumps are a diffusion: put their variance into the covariance.",
        )

    @property
    def expected_jumps(self) -> float:
        """The mean number of jumps over the horizon."""
        return self.jumps_per_year * self.horizon_days / self.days_per_year


@dataclass(frozen=True, slots=True, eq=False)
class MertonDraw:
    """mean + root · normals + jumps · jump mean + sqrt(jumps) · jump root · normals."""

    numbers: DrawPlan
    mean: FloatArray
    root: FloatArray
    jump_mean: FloatArray
    jump_root: FloatArray
    expected_jumps: float

    def __call__(self, block: int, rows: int) -> Drawn:
        draws = self.numbers.block(block, rows)
        width = self.root.shape[1]
        jumps = poisson_from_uniform(draws.uniforms[:, 0, 0], self.expected_jumps)[:, None]
        moves = product(draws.normals[:, 0, :width], self.root.T)
        normals = draws.normals[:, 0, width : width + self.jump_root.shape[1]]
        moves += product(normals * np.sqrt(jumps), self.jump_root.T)
        moves += self.mean + jumps * self.jump_mean
        return Drawn(moves)


def poisson_from_uniform(uniforms: FloatArray, mean: float) -> NDArray[np.float64]:
    """The Poisson number at each probability."""
    counts = np.arange(int(mean + 12.0 * np.sqrt(mean) + 30.0))
    found = np.searchsorted(pdtr(counts, mean), uniforms)
    return np.asarray(found, dtype=np.float64)


def merton_plan(
    axis: FactorAxis,
    covariance: ArrayLike,
    jump_mean: ArrayLike,
    jump_covariance: ArrayLike,
    recipe: Merton | None = None,
    *,
    seed: int,
    mean: ArrayLike | None = None,
) -> ScenarioPlan:
    """Scenarios from a daily covariance without jumps, and mean and covariance of one jump."""
    recipe = recipe or Merton()
    root = covariance_root(covariance, repair=recipe.repair)
    jump = covariance_root(jump_covariance, what="The jump covariance", repair=recipe.repair)
    check_fits(axis, len(root.covariance), "The covariance")
    check_fits(axis, len(jump.covariance), "The jump covariance")
    size = frozen_array(jump_mean, what="The jump mean", shape=(len(axis),))
    drift, days = mean_vector(axis, mean), recipe.horizon_days
    expected = recipe.expected_jumps
    base = drift * days - (expected * size if recipe.centred else 0.0)
    width = root.matrix.shape[1] + jump.matrix.shape[1]
    numbers = recipe.draw_plan(seed, width, 1)
    variance = root.covariance * days + expected * (jump.covariance + np.outer(size, size))
    return planned(
        axis,
        recipe,
        seed,
        MertonDraw(numbers, base, root.matrix * np.sqrt(days), size, jump.matrix, expected),
        inputs={
            "covariance": content_hash(np.asarray(covariance, dtype=np.float64)),
            "jump_mean": content_hash(size),
            "jump_covariance": content_hash(np.asarray(jump_covariance, dtype=np.float64)),
            "mean": content_hash(drift),
        },
        label="draw",
        notes=root.notes + jump.notes + recipe.scheme_notes(width),
        reference=Reference.of(base + expected * size, variance),
    )
