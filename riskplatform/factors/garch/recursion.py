"""The compiled recursion of GJR-GARCH(1,1), of which GARCH(1,1) is the case gamma = 0."""

from __future__ import annotations

from riskplatform.factors.compiled import compiled
from riskplatform.market.content import FloatArray


@compiled
def filter_variances(
    residuals: FloatArray,
    omega: FloatArray,
    alpha: FloatArray,
    gamma: FloatArray,
    beta: FloatArray,
    first: FloatArray,
    variances: FloatArray,
) -> None:
    """Fill ``variances`` [day + 1, series]: row t is known before day t, the last is tomorrow's.

    ``residuals`` are [day, series]; the parameters have one number per series, and ``first`` is
    the variance of the first day.
    """
    days, count = residuals.shape
    for j in range(count):
        variances[0, j] = first[j]
    for t in range(days):
        for j in range(count):
            square = residuals[t, j] * residuals[t, j]
            news = alpha[j] * square
            if residuals[t, j] < 0.0:
                news += gamma[j] * square
            variances[t + 1, j] = omega[j] + news + beta[j] * variances[t, j]
