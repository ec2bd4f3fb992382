"""How much to bet: the fraction of money that grows fastest, and less than that on purpose.

The full fraction takes the estimates at their word. A part of it (half, say) grows three quarters
as fast with half the swings; the part that is right under estimation error follows from how many
observations the estimate stands on.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from scipy import linalg

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Allocation, FailedPortfolio, Portfolio

_ROUNDING = 1e-12
_MISS = 1e-6


def binary_fraction(win_chance: float, odds: float) -> float:
    """Of a bet that pays ``odds`` for one or loses it; nothing where it is not worth it."""
    if not 0.0 <= win_chance <= 1.0 or not odds > 0.0:
        raise UserInputError(
            f"A chance of {win_chance:g} at odds of {odds:g}.",
            hint="Give a chance from 0 to 1 and odds above 0.",
        )
    return max((win_chance * odds - (1.0 - win_chance)) / odds, 0.0)


def binary_growth(fraction: float, win_chance: float, odds: float) -> float:
    """Expected logarithmic growth per bet."""
    if not 0.0 <= fraction < 1.0:
        raise UserInputError(f"A fraction of {fraction:g}; give one from 0 and below 1.")
    return float(win_chance * np.log1p(fraction * odds) + (1.0 - win_chance) * np.log1p(-fraction))


def growth(weights: FloatArray, excess: FloatArray, sigma: FloatArray, rate: float = 0.0) -> float:
    """Of a book that is kept at its weights, in continuous time."""
    return float(rate + weights @ excess - 0.5 * weights @ sigma @ weights)


def shrinkage_for_error(excess: FloatArray, sigma: FloatArray, observations: int) -> float:
    """The part of the full fraction that grows fastest on average over estimates like these.

    With a squared Sharpe ratio θ² estimated from T periods for N assets that is
    θ² / (θ² + N / T), where θ² is what is left of the estimate after its own bias N / T.
    """
    found = float(excess @ linalg.solve(sigma, excess, assume_a="pos"))
    return _shrinkage(found, len(excess), observations)


def _shrinkage(squared_ratio: float, assets: int, observations: int) -> float:
    if observations <= assets:
        return 0.0
    noise = assets / observations
    true = max(squared_ratio - noise, 0.0)
    return true / (true + noise) if true > 0.0 else 0.0


def _full(inputs: Inputs) -> FloatArray | None:
    """Σ⁻¹μ, the shortest where twins leave it open; None where something returns without risk."""
    excess, variances = inputs.views, inputs.covariance.variances()
    if (variances <= _ROUNDING**2 * variances.max()).any():
        return None
    full = inputs.covariance.solve(excess)
    left = np.abs(inputs.covariance.multiply(full) - excess).max()
    return full if left <= _MISS * max(float(np.abs(excess).max()), 1e-300) else None


@dataclass(frozen=True)
class Kelly:
    """Weights Σ⁻¹ μ times ``fraction``; what is left over (or owed) is cash.

    ``observations`` is how many periods the expected returns were estimated from: where given, the
    fraction is that of estimation error, times ``fraction``.
    """

    fraction: float = 1.0
    observations: int | None = None

    def fit(self, inputs: Inputs) -> Allocation:
        if not self.fraction > 0.0:
            raise UserInputError(f"A fraction of {self.fraction:g}; give one above 0.")
        excess = inputs.views
        full = _full(inputs)
        if full is None:
            message = "Some portfolio of the assets has no risk: growth has no limit there."
            failure = Failure(FailureReason.CALCULATION_FAILED, message, "kelly")
            return FailedPortfolio("kelly", failure, inputs.content)
        part = self.fraction
        if self.observations is not None:
            part *= _shrinkage(float(excess @ full), len(excess), self.observations)
        weights = part * full
        return Portfolio(
            asset_ids=inputs.asset_ids,
            weights=weights,
            method="kelly",
            parameters={**{k: v for k, v in asdict(self).items() if v is not None},
                        "taken": part, "covariance": inputs.covariance_id},
            inputs=inputs.content,
            objective=growth(weights, excess, inputs.sigma),
            excluded=inputs.excluded,
            details={"cash": 1.0 - float(weights.sum()), "full": full},
        )  # fmt: skip
