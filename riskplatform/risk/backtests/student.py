"""VaR, ES and PIT of fitted Student t distributions, all days at once."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, stdtr, stdtrit

from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.forecasts import Forecasts


def student_forecasts(pnl: FloatArray, fitted: FloatArray, tail: float) -> Forecasts:
    """``fitted`` [day] is location, scale and degrees of freedom."""
    location, scale, freedom = fitted.T
    x = stdtrit(freedom, tail)
    constant = gammaln((freedom + 1) / 2) - gammaln(freedom / 2) - 0.5 * np.log(freedom * np.pi)
    density = np.exp(constant - (freedom + 1) / 2 * np.log1p(x**2 / freedom))
    mean = -density * (freedom + x**2) / ((freedom - 1) * tail)
    gap = pnl - location
    z = np.divide(gap, scale, out=np.zeros_like(gap), where=scale > 0.0)
    still = np.where(np.isnan(gap), np.nan, 0.5 * (1.0 + np.sign(gap)))
    return Forecasts(
        value_at_risk=-(location + scale * x),
        expected_shortfall=-(location + scale * mean),
        pits=np.where(scale > 0.0, stdtr(freedom, z), still),
    )
