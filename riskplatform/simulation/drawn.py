"""What the recipes of all drawn sets share: how many scenarios, over how many days, how drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Coverage
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray, frozen_array
from riskplatform.simulation.axis import FactorAxis
from riskplatform.simulation.draws import DrawPlan, Scheme
from riskplatform.simulation.facts import Reference, SetFacts
from riskplatform.simulation.matching import matches_covariance
from riskplatform.simulation.plan import BlockDraw, ScenarioPlan
from riskplatform.simulation.recipe import Recipe, need
from riskplatform.simulation.streams import checked_seed

# Even, for antithetic pairs; it divides the usual sizes of sets; 500 factors take 10 MB.
BLOCK_SIZE = 2_500


@dataclass(frozen=True, eq=False, kw_only=True)
class DrawnRecipe(Recipe):
    """``scheme`` is 'pseudo', 'antithetic', 'moment_matched' or 'sobol'.

    ``block_size`` is part of the recipe, since the random streams are numbered by block.
    """

    scenarios: int = 10_000
    horizon_days: int = 1
    scheme: str = Scheme.PSEUDO.value
    block_size: int = BLOCK_SIZE

    def __post_init__(self) -> None:
        need(self.scenarios >= 1, f"{self.scenarios} scenarios were asked for; at least 1.")
        need(self.horizon_days >= 1, f"The horizon is {self.horizon_days} days; at least 1.")
        need(self.block_size >= 1, f"The block size is {self.block_size}; at least 1.")
        scheme = scheme_named(self.scheme)
        need(
            scheme is not Scheme.ANTITHETIC or self.block_size % 2 == 0,
            f"Antithetic scenarios come in pairs; the block size {self.block_size} is odd.",
        )
        rest = self.scenarios % self.block_size
        need(
            scheme is not Scheme.MOMENT_MATCHED or rest == 0 or self.scenarios < self.block_size,
            f"Matched blocks must be whole: {self.scenarios:,} scenarios are no multiple of the "
            f"block size {self.block_size:,}.",
            f"Take a block size that divides {self.scenarios:,}.",
        )
        need(
            scheme is not Scheme.MOMENT_MATCHED or self.scenarios >= 2,
            "Moments cannot be matched by one scenario.",
        )

    def draw_plan(self, seed: int, normals: int, uniforms: int = 0, days: int = 1) -> DrawPlan:
        """Where the numbers of this recipe come from."""
        return DrawPlan(Scheme(self.scheme), seed, self.block_size, max(normals, 1), uniforms, days)

    def scheme_notes(self, normals: int, days: int = 1) -> tuple[str, ...]:
        """What the scheme cannot do for this many scenarios and numbers."""
        rows, columns = min(self.scenarios, self.block_size), normals * days
        if self.scheme == Scheme.SOBOL and self.scenarios & (self.scenarios - 1):
            return ("A Sobol sequence is most even when the scenarios are a power of two.",)
        if self.scheme == Scheme.MOMENT_MATCHED and not matches_covariance(rows, columns):
            return (
                f"Blocks of {rows:,} are too small to match the covariance of {columns:,} "
                "numbers: means and variances are matched.",
            )
        return ()


def scheme_named(name: str) -> Scheme:
    """The scheme called ``name``."""
    try:
        return Scheme(name)
    except ValueError:
        raise UnknownNameError("drawing scheme", name, list(Scheme)) from None


def planned(
    axis: FactorAxis,
    recipe: DrawnRecipe,
    seed: int,
    draw: BlockDraw,
    *,
    inputs: Mapping[str, str],
    label: str,
    notes: Sequence[str] = (),
    coverage: Coverage | None = None,
    reference: Reference | None = None,
) -> ScenarioPlan:
    """The plan of a drawn set."""
    facts = SetFacts(
        axis=axis,
        horizon_days=recipe.horizon_days,
        recipe=recipe,
        seed=checked_seed(seed),
        inputs=inputs,
        coverage=coverage or Coverage(len(axis)),
        notes=tuple(notes),
        reference=reference,
    )
    return ScenarioPlan(
        facts=facts,
        scenarios=recipe.scenarios,
        block_size=recipe.block_size,
        label=label,
        draw=draw,
    )


def mean_vector(axis: FactorAxis, mean: ArrayLike | None) -> FloatArray:
    """The daily mean of each factor; zero when none is given."""
    if mean is None:
        return np.zeros(len(axis))
    return frozen_array(mean, what="The mean", shape=(len(axis),))


def check_fits(axis: FactorAxis, size: int, what: str) -> None:
    """Refuse an input that was made for another number of factors."""
    if size != len(axis):
        raise UserInputError(f"{what} is for {size} factors; the axis has {len(axis)}.")
