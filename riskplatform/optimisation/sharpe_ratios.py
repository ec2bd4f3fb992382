"""What a Sharpe ratio is worth: its probability, the track record it needs, and the deflation for
the number of things that were tried before it was found.

Bailey and López de Prado (2012, 2014). Ratios are per period, not annualised; ``kurtosis`` is 3
for a normal distribution.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from riskplatform.errors import MissingDataError, UserInputError

_EULER = 0.5772156649015329


def probabilistic_sharpe(
    ratio: float, periods: float, *, skew: float = 0.0, kurtosis: float = 3.0, hurdle: float = 0.0
) -> float:
    """The probability that the true ratio is above the hurdle."""
    return float(ndtr((ratio - hurdle) * math.sqrt(periods - 1.0) / _spread(ratio, skew, kurtosis)))


def least_track_record(
    ratio: float,
    confidence: float = 0.95,
    *,
    skew: float = 0.0,
    kurtosis: float = 3.0,
    hurdle: float = 0.0,
) -> float:
    """So many periods until the probability reaches the confidence; never below the hurdle."""
    if ratio <= hurdle:
        return math.inf
    spread = _spread(ratio, skew, kurtosis)
    return 1.0 + (spread * float(ndtri(confidence)) / (ratio - hurdle)) ** 2


def expected_best(trials: float) -> float:
    """The mean of the largest of so many standard normal numbers, to the paper's approximation."""
    if trials <= 1.0:
        return 0.0
    first = float(ndtri(1.0 - 1.0 / trials))
    second = float(ndtri(1.0 - 1.0 / (trials * math.e)))
    return (1.0 - _EULER) * first + _EULER * second


def deflated_sharpe(
    ratio: float,
    periods: float,
    trials: float,
    trial_variance: float,
    *,
    skew: float = 0.0,
    kurtosis: float = 3.0,
) -> float:
    """The probability that the ratio is above what the best of so many useless trials shows.

    ``trial_variance`` is that of the ratios of all trials, per period.
    """
    if trials < 1.0 or trial_variance < 0.0:
        raise UserInputError(f"{trials:g} trials with a variance of {trial_variance:g}.")
    hurdle = math.sqrt(trial_variance) * expected_best(trials)
    return probabilistic_sharpe(ratio, periods, skew=skew, kurtosis=kurtosis, hurdle=hurdle)


def moments_of(returns: ArrayLike) -> tuple[float, float, float]:
    """Ratio, skewness and kurtosis of a series of excess returns."""
    values = np.asarray(returns, dtype=np.float64)
    if values.size < 3 or not np.isfinite(values).all():
        raise MissingDataError("Three returns or more, all of them numbers, have a Sharpe ratio.")
    centred = values - values.mean()
    second = float(np.mean(centred**2))
    if second == 0.0:
        raise MissingDataError("The returns never move; they have no Sharpe ratio.")
    skew = float(np.mean(centred**3)) / second**1.5
    kurtosis = float(np.mean(centred**4)) / second**2
    return float(values.mean() / values.std(ddof=1)), skew, kurtosis


def _spread(ratio: float, skew: float, kurtosis: float) -> float:
    inside = 1.0 - skew * ratio + 0.25 * (kurtosis - 1.0) * ratio**2
    if not inside > 0.0:
        raise UserInputError(
            f"A ratio of {ratio:g} with skewness {skew:g} and kurtosis {kurtosis:g} has no "
            "standard error: no series has these moments."
        )
    return math.sqrt(inside)
