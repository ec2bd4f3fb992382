"""Two states of volatility that are not seen: a Markov chain behind a series with mean zero.

Hamilton's (1989) filter gives the likelihood and the probability of today's state, Kim's (1994)
smoother the probability of each earlier day's state given all days.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from riskplatform.errors import DataError, MissingDataError
from riskplatform.factors.compiled import compiled
from riskplatform.market.content import FloatArray

LEAST_DAYS = 100
_MOST_EXPONENT = 30.0


@dataclass(frozen=True)
class TwoStates:
    """Calm (0) and turbulent (1): deviations, probabilities to stay, and which day was which.

    ``smoothed`` [day, state] uses all days; ``tomorrow`` [state] is the forecast for the next.
    """

    deviations: FloatArray
    stay: FloatArray
    smoothed: FloatArray
    tomorrow: FloatArray
    log_likelihood: float


def fit_two_states(series: FloatArray) -> TwoStates:
    """Maximum likelihood of four numbers; the series is taken about zero."""
    values = np.asarray(series, dtype=np.float64)
    if values.ndim != 1 or values.size < LEAST_DAYS:
        raise MissingDataError(f"Two states need {LEAST_DAYS} days; there are {values.size}.")
    unit = math.sqrt(float(np.mean(values**2))) if np.isfinite(values).all() else math.nan
    if not unit > 0:
        raise DataError("A series without moves or with what is no number has no states.")
    scaled = np.ascontiguousarray(values / unit)
    starts = (np.array([-0.4, 0.5, 3.5, 2.5]), np.array([-0.2, 0.9, 4.5, 2.5]))
    found = min(
        (
            optimize.minimize(_loss, start, args=(scaled,), method="Nelder-Mead",
                              options={"maxiter": 4000, "xatol": 1e-7, "fatol": 1e-9})
            for start in starts
        ),
        key=lambda result: float(result.fun),
    )  # fmt: skip
    deviations, stay = _parameters(found.x)
    order = np.argsort(deviations)
    deviations, stay = deviations[order], stay[order]
    filtered, log_likelihood = _filtered(scaled, deviations, stay)
    return TwoStates(
        deviations=deviations * unit,
        stay=stay,
        smoothed=_smoothed(filtered, stay),
        tomorrow=filtered[-1] @ _transition(stay),
        log_likelihood=log_likelihood - values.size * math.log(unit),
    )


def _loss(point: FloatArray, scaled: FloatArray) -> float:
    deviations, stay = _parameters(point)
    return -_filtered(scaled, deviations, stay)[1]


def _parameters(point: FloatArray) -> tuple[FloatArray, FloatArray]:
    bounded = np.clip(point, -_MOST_EXPONENT, _MOST_EXPONENT)
    return np.exp(bounded[:2]), 1.0 / (1.0 + np.exp(-bounded[2:]))


def _transition(stay: FloatArray) -> FloatArray:
    """[from, to]."""
    return np.array([[stay[0], 1.0 - stay[0]], [1.0 - stay[1], stay[1]]])


def _filtered(
    scaled: FloatArray, deviations: FloatArray, stay: FloatArray
) -> tuple[FloatArray, float]:
    filtered = np.empty((scaled.size, 2))
    log_likelihood = _hamilton(scaled, deviations, stay, filtered)
    return filtered, float(log_likelihood)


@compiled
def _hamilton(
    values: FloatArray, deviations: FloatArray, stay: FloatArray, filtered: FloatArray
) -> float:
    """Fill the probabilities of each day's state given the days up to it; the log-likelihood."""
    leave = 2.0 - stay[0] - stay[1]
    # The first day is drawn from the long run; a chain that never moves starts even.
    calm = (1.0 - stay[1]) / leave if leave > 0.0 else 0.5
    total = 0.0
    for t in range(values.size):
        # Densities relative to the larger one, so that none is lost in a zero.
        first = -0.5 * (values[t] / deviations[0]) ** 2 - math.log(deviations[0])
        second = -0.5 * (values[t] / deviations[1]) ** 2 - math.log(deviations[1])
        top = max(first, second)
        joint_calm = calm * math.exp(first - top)
        joint_turbulent = (1.0 - calm) * math.exp(second - top)
        sum_of_both = joint_calm + joint_turbulent
        total += top + math.log(sum_of_both) - 0.5 * math.log(2.0 * math.pi)
        filtered[t, 0] = joint_calm / sum_of_both
        filtered[t, 1] = joint_turbulent / sum_of_both
        calm = filtered[t, 0] * stay[0] + filtered[t, 1] * (1.0 - stay[1])
    return total


def _smoothed(filtered: FloatArray, stay: FloatArray) -> FloatArray:
    """Kim's smoother, from the last day back."""
    transition = _transition(stay)
    smoothed = filtered.copy()
    ahead = filtered @ transition
    for day in range(len(filtered) - 2, -1, -1):
        ratio = smoothed[day + 1] / np.maximum(ahead[day], 1e-300)
        smoothed[day] = filtered[day] * (transition @ ratio)
    return np.asarray(smoothed / smoothed.sum(axis=1, keepdims=True))
