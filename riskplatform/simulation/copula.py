"""Monte Carlo by copula: each factor's own distribution, joined by a fitted dependence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import ndtr, stdtr

from riskplatform.domain.outcome import Coverage
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.simulation.axis import FactorAxis
from riskplatform.simulation.copula_fit import NU_RANGE, FittedCopula, copula_family, fit_copula
from riskplatform.simulation.drawn import DrawnRecipe, check_fits, planned
from riskplatform.simulation.draws import DrawPlan
from riskplatform.simulation.facts import Reference
from riskplatform.simulation.gpd import LARGEST_SHAPE
from riskplatform.simulation.history import FactorHistory
from riskplatform.simulation.kinds import Kinds, add_day
from riskplatform.simulation.marginals import Marginals, family_named, fit_marginals
from riskplatform.simulation.mixing import mixing_variance
from riskplatform.simulation.plan import Drawn, ScenarioPlan
from riskplatform.simulation.products import covariance_of, product
from riskplatform.simulation.recipe import need, registered
from riskplatform.simulation.roots import covariance_root
from riskplatform.simulation.skewed_t import skewed_table
from riskplatform.simulation.windows import windows


@registered
@dataclass(frozen=True, eq=False, kw_only=True)
class Copula(DrawnRecipe):
    """``family`` is 'gaussian', 't' or 'skewed_t'; ``marginals`` 'empirical', 'gpd' or 'normal'.

    ``nu`` and ``skew`` are fitted when None. Over several days, daily moves are drawn and summed.
    """

    maker: ClassVar[str] = "copula"
    family: str = "t"
    marginals: str = "gpd"
    tail_share: float = 0.05
    largest_shape: float = LARGEST_SHAPE
    nu: float | None = None
    skew: float | None = None
    least_days: int = 100
    repair: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        copula_family(self.family)
        family_named(self.marginals)
        need(0.0 < self.tail_share < 0.5, f"The tail share is {self.tail_share}; 0 to 0.5.")
        need(0.0 < self.largest_shape < 1.0, f"The largest shape is {self.largest_shape}; 0 to 1.")
        need(self.nu is None or self.nu > 2.0, f"nu is {self.nu}; it is above 2, or None.")
        need(self.least_days >= 2, f"At least 2 days are needed; found {self.least_days}.")


@dataclass(frozen=True, slots=True, eq=False)
class CopulaDraw:
    """Normals joined by the copula, turned into probabilities, turned into moves; day by day."""

    numbers: DrawPlan
    root: FloatArray
    nu: float
    skew: float
    marginals: Marginals
    kinds: Kinds

    def __call__(self, block: int, rows: int) -> Drawn:
        draws = self.numbers.block(block, rows)
        total = self._day(draws.normals[:, 0], draws.uniforms[:, 0])
        for day in range(1, self.numbers.days):
            add_day(total, self._day(draws.normals[:, day], draws.uniforms[:, day]), self.kinds)
        return Drawn(total)

    def _day(self, normals: FloatArray, uniforms: FloatArray) -> FloatArray:
        joined = product(normals[:, : self.root.shape[1]], self.root.T)
        return self.marginals.quantiles(self._chances(joined, uniforms))

    def _chances(self, joined: FloatArray, uniforms: FloatArray) -> FloatArray:
        if np.isinf(self.nu):
            return np.asarray(ndtr(joined), dtype=np.float64)
        scale = mixing_variance(uniforms, self.nu)
        joined *= np.sqrt(scale)
        if self.skew == 0.0:
            return np.asarray(stdtr(self.nu, joined), dtype=np.float64)
        joined += self.skew * scale
        return skewed_table(self.nu, self.skew).cdf(joined)


def copula_plan(history: FactorHistory, recipe: Copula | None = None, *, seed: int) -> ScenarioPlan:
    """Scenarios from a history: marginals and copula are fitted to its daily moves."""
    recipe = recipe or Copula()
    found = windows(history, least=recipe.least_days)
    fitted = fit_copula(
        found.moves, recipe.family, nu=recipe.nu, skew=recipe.skew, repair=recipe.repair
    )
    marginals = fit_marginals(
        found.moves,
        recipe.marginals,
        tail_share=recipe.tail_share,
        largest_shape=recipe.largest_shape,
        factor_ids=history.axis.factor_ids,
    )
    return fitted_copula_plan(
        history.axis,
        fitted,
        marginals,
        recipe,
        seed=seed,
        reference=Reference.of(
            found.moves.mean(axis=0) * recipe.horizon_days,
            covariance_of(found.moves) * recipe.horizon_days,
        ),
        notes=found.notes,
        coverage=history.coverage,
    )


def fitted_copula_plan(
    axis: FactorAxis,
    fitted: FittedCopula,
    marginals: Marginals,
    recipe: Copula,
    *,
    seed: int,
    reference: Reference | None = None,
    notes: tuple[str, ...] = (),
    coverage: Coverage | None = None,
) -> ScenarioPlan:
    """Scenarios from a copula and marginals that are fitted already."""
    root = covariance_root(fitted.correlation, what="The copula's correlation")
    check_fits(axis, len(root.covariance), "The copula")
    check_fits(axis, marginals.ordered.shape[1], "The set of marginals")
    width = root.matrix.shape[1]
    heavy = int(np.isfinite(fitted.nu))
    numbers = recipe.draw_plan(seed, width, heavy, recipe.horizon_days)
    draw = CopulaDraw(numbers, root.matrix, fitted.nu, fitted.skew, marginals, axis.kinds)
    said = (*notes, *fitted.notes, *marginals.notes, *root.notes, *_fit_notes(fitted))
    return planned(
        axis,
        recipe,
        seed,
        draw,
        inputs={"copula": content_hash(fitted), "marginals": content_hash(marginals)},
        label="draw",
        notes=said + recipe.scheme_notes(width, recipe.horizon_days),
        coverage=coverage,
        reference=reference,
    )


def _fit_notes(fitted: FittedCopula) -> tuple[str, ...]:
    if np.isinf(fitted.nu):
        return ()
    skew = f" and skew {fitted.skew:.3g}" if fitted.skew else ""
    end = ", the end of the search: nearly Gaussian" if fitted.nu > 0.99 * NU_RANGE[1] else ""
    return (f"The copula has nu {fitted.nu:.3g}{skew}{end}.",)
