"""Surface SVI (Gatheral and Jacquier 2014): a whole volatility surface from four numbers.

Total variance is w(k, θ) = θ/2 · (1 + ρφk + sqrt((φk + ρ)² + 1 − ρ²)) with k the log of strike
over forward, θ(T) the at-the-money total variance and φ(θ) = η / (θ^γ (1 + θ)^(1−γ)). With γ = 0.4
there is no butterfly arbitrage while θφ²(1 + |ρ|) ≤ 4 at every θ, and no calendar arbitrage
because θ increases in T. θ follows from an instantaneous variance that reverts to a long one.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from riskplatform.market.synthetic.streams import FloatArray

GAMMA = 0.4
# The largest θ^(1−2γ) (1+θ)^(2γ−2), which is θφ²/η²; it is reached at θ = 1−2γ.
_PEAK = (1.0 - 2.0 * GAMMA) ** (1.0 - 2.0 * GAMMA) * (2.0 - 2.0 * GAMMA) ** (2.0 * GAMMA - 2.0)
REVERSION_PER_YEAR = 4.0
_DELTA_ROUNDS = 12


def largest_eta(rho: FloatArray) -> FloatArray:
    """The largest η without butterfly arbitrage."""
    return np.asarray(np.sqrt(4.0 / (_PEAK * (1.0 + np.abs(rho)))), dtype=np.float64)


def forward_variance(short: FloatArray, long: FloatArray, times: FloatArray) -> FloatArray:
    """θ(T): total variance to each time, [..., time], from short and long variances per year."""
    reverted = -np.expm1(-REVERSION_PER_YEAR * times) / REVERSION_PER_YEAR
    return np.asarray(
        long[..., np.newaxis] * times + (short - long)[..., np.newaxis] * reverted,
        dtype=np.float64,
    )


def total_variance(
    log_moneyness: FloatArray, theta: FloatArray, rho: FloatArray, eta: FloatArray
) -> FloatArray:
    """w(k, θ); the arguments broadcast."""
    phi = eta / (theta**GAMMA * (1.0 + theta) ** (1.0 - GAMMA))
    shifted = phi * log_moneyness + rho
    root = np.sqrt(shifted * shifted + 1.0 - rho * rho)
    return np.asarray(0.5 * theta * (1.0 + rho * phi * log_moneyness + root), dtype=np.float64)


def log_moneyness_of_delta(
    normal_quantile: FloatArray, theta: FloatArray, rho: FloatArray, eta: FloatArray
) -> FloatArray:
    """The k whose forward call delta is N(``normal_quantile``) at its own volatility.

    From d1 = (−k + w/2)/sqrt(w), k = w/2 − quantile · sqrt(w), iterated from the money.
    """
    variance = np.broadcast_to(theta, np.broadcast_shapes(theta.shape, normal_quantile.shape))
    strike = np.zeros_like(variance)
    for _ in range(_DELTA_ROUNDS):
        strike = 0.5 * variance - normal_quantile * np.sqrt(variance)
        variance = total_variance(strike, theta, rho, eta)
    return strike


def normal_quantiles(deltas: FloatArray) -> FloatArray:
    """Quantiles of the standard normal."""
    normal = NormalDist()
    return np.array([normal.inv_cdf(float(delta)) for delta in deltas])
