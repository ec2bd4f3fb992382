"""Monte Carlo that looks where it hurts: draws tilted to the losses, and weights for it.

A share of the scenarios is drawn as usual; the others are moved along the direction in which the
given exposures lose. Each scenario counts by its likelihood under the true distribution over that
under the mixture (the balance heuristic of Veach and Guibas), so no weight exceeds one over the
usual share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskplatform.errors import DataError
from riskplatform.market.content import FloatArray, content_hash, frozen_array
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
class ImportanceTails(DrawnRecipe):
    """``shift`` standard deviations towards the losses; ``usual_share`` is drawn without it."""

    maker: ClassVar[str] = "importance_tails"
    shift: float = 2.5
    usual_share: float = 0.25
    nu: float | None = None
    repair: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        need(self.shift > 0.0, f"The shift is {self.shift} standard deviations; above 0.")
        need(
            0.0 < self.usual_share < 1.0,
            f"The usual share is {self.usual_share}; it is between 0 and 1.",
        )
        need(self.nu is None or self.nu > 2.0, f"nu is {self.nu}; it is above 2, or None.")
        need(
            1 <= self.usual_count < self.scenarios,
            f"{self.scenarios} scenarios cannot be shared {self.usual_share:g} to the usual.",
        )

    @property
    def usual_count(self) -> int:
        """How many scenarios are drawn without the shift: the first ones."""
        return int(self.scenarios * self.usual_share)


@dataclass(frozen=True, slots=True, eq=False)
class TiltedDraw:
    """Normals, some of them moved by ``tilt``, and how much less likely they then are."""

    numbers: DrawPlan
    recipe: ImportanceTails
    mean: FloatArray
    root: FloatArray
    tilt: FloatArray

    def __call__(self, block: int, rows: int) -> Drawn:
        draws = self.numbers.block(block, rows)
        tilted = self._tilted(block * self.recipe.block_size, rows)
        normals = draws.normals[:, 0, : len(self.tilt)] + tilted[:, None] * self.tilt
        moves = product(normals, self.root.T)
        nu = self.recipe.nu
        if nu is not None:
            scale = mixing_variance(draws.uniforms[:, 0, 0], nu) * (nu - 2.0) / nu
            moves *= np.sqrt(scale)[:, None]
        moves += self.mean
        return Drawn(moves, self._likelihood(normals))

    def _tilted(self, first: int, rows: int) -> NDArray[np.bool_]:
        """Which scenarios are moved: all after the usual ones.

        Not every n-th, since every n-th point of a Sobol sequence is not even at all.
        """
        return np.arange(first, first + rows) >= self.recipe.usual_count

    def _likelihood(self, normals: FloatArray) -> FloatArray:
        usual = self.recipe.usual_count / self.recipe.scenarios
        # In a fixed order of sums, as everything that ends in a weight.
        along = product(normals, self.tilt[:, None])[:, 0] - 0.5 * np.square(self.tilt).sum()
        return np.asarray(1.0 / (usual + (1.0 - usual) * np.exp(along)), dtype=np.float64)


def importance_plan(
    axis: FactorAxis,
    covariance: ArrayLike,
    exposures: ArrayLike,
    recipe: ImportanceTails | None = None,
    *,
    seed: int,
    mean: ArrayLike | None = None,
) -> ScenarioPlan:
    """Weighted scenarios; ``exposures`` is the gain per unit move of each factor."""
    recipe = recipe or ImportanceTails()
    root = covariance_root(covariance, repair=recipe.repair)
    check_fits(axis, len(root.covariance), "The covariance")
    gains = frozen_array(exposures, what="The exposures", shape=(len(axis),))
    drift, days = mean_vector(axis, mean), recipe.horizon_days
    direction = product(gains[None, :], root.matrix)[0]
    length = np.sqrt(np.square(direction).sum())
    if length == 0.0:
        raise DataError(
            "The exposures gain and lose nothing under this covariance; there is no tail to seek.",
            hint="Give the exposures of the portfolio, or draw without tilting.",
        )
    width = root.matrix.shape[1]
    numbers = recipe.draw_plan(seed, width, 0 if recipe.nu is None else 1)
    tilt = -recipe.shift * direction / length
    return planned(
        axis,
        recipe,
        seed,
        TiltedDraw(numbers, recipe, drift * days, root.matrix * np.sqrt(days), tilt),
        inputs={
            "covariance": content_hash(np.asarray(covariance, dtype=np.float64)),
            "exposures": content_hash(gains),
            "mean": content_hash(drift),
        },
        label="tail",
        notes=root.notes + recipe.scheme_notes(width),
        reference=Reference.of(drift * days, root.covariance * days),
    )
