"""Which scenarios make a risk, and by how much: each measure of a total is a weighted sum of it.

Multiplied with what a part gains in each scenario the same weights give the part's component, so
components add up because the weights are the same for all.

* ES: the mean of the tail. Scenarios that tie with the last one share what is left for it by their
  weights, so their order does not matter.
* VaR: one scenario says nothing about its neighbours' parts, so the components are smoothed around
  it by a beta distribution over the ranks: that of Harrell and Davis (1982) where scenarios are
  few, a wider one where they are many (:func:`kernel_size`). The smoothed total is not VaR; all
  components are then scaled by one factor so that they sum to VaR.
* Volatility: the covariance of a part with the total, over the total's volatility.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import DataError
from riskplatform.market.content import FloatArray
from riskplatform.risk.checks import (
    checked_confidence,
    checked_pnl,
    checked_shares,
    effective_count,
    shares_or_equal,
)
from riskplatform.risk.measures import volatility
from riskplatform.risk.quantiles import var_and_es

# A smoothed VaR further than this factor from VaR itself cannot be scaled to it in good faith.
_MOST_SCALING = 5.0


@dataclass(frozen=True, eq=False)
class RiskShares:
    """``weights`` [scenario, measure]; a part's components are minus its P&L times them.

    Measures are volatility, VaR and ES, in this order; ``var_scaling`` is the factor that was
    applied to the smoothed VaR, and ``var_failure`` says why there are no components of VaR.
    """

    confidence: float
    total: FloatArray
    shares: FloatArray
    volatility: float
    var: float
    es: float
    weights: FloatArray
    var_scaling: float
    var_failure: Failure | None = None

    def components(self, pnl: ArrayLike) -> FloatArray:
        """[part, measure] of P&L [part, scenario]: euros for lines, per unit for units."""
        values = np.atleast_2d(checked_pnl(pnl))
        if values.shape[-1] != self.total.size:
            raise DataError(
                f"{values.shape[-1]} scenarios of parts for {self.total.size} of a total."
            )
        return np.asarray(-(values @ self.weights))

    @property
    def tail_scenarios(self) -> np.ndarray:
        """Places of the scenarios in the ES, worst first."""
        inside = np.flatnonzero(self.weights[:, 2] > 0.0)
        return np.asarray(inside[np.argsort(self.total[inside], kind="stable")])


def risk_shares(
    total: ArrayLike, confidence: float, weights: ArrayLike | None = None
) -> RiskShares:
    """The shares of one total P&L vector, by the Hull rule."""
    confidence = checked_confidence(confidence)
    values = checked_pnl(total)
    if values.ndim != 1:
        raise DataError("Shares are those of one total: a vector of P&L.")
    given = checked_shares(weights, values.size)
    shares = shares_or_equal(given, values.size)
    found = var_and_es(values, confidence, given)
    var, es = float(found.var), float(found.es)
    deviation = float(volatility(values, given))
    by_es = es_weights(values, shares, confidence, var)
    smooth = var_weights(
        values, shares, confidence, kernel_size(effective_count(given, values.size), confidence)
    )
    scaling, failure = _scaling(var, float(-values @ smooth), deviation)
    table = np.stack([_by_volatility(values, shares, deviation), smooth * scaling, by_es], axis=1)
    table.flags.writeable = False
    return RiskShares(confidence, values, shares, deviation, var, es, table, scaling, failure)


def es_weights(values: FloatArray, shares: FloatArray, confidence: float, var: float) -> FloatArray:
    """What each scenario counts in the tail mean beyond ``var``; all together 1."""
    tail = 1.0 - confidence
    beyond, at = -values > var, -values == var
    rest = max(tail - float(shares[beyond].sum()), 0.0)
    out = np.where(beyond, shares, 0.0)
    tied = float(shares[at].sum())
    out[at] = shares[at] * (min(rest, tied) / tied)
    return np.asarray(out / out.sum())


def kernel_size(effective: float, confidence: float) -> float:
    """The number of scenarios whose Harrell-Davis kernel is used: all, where they are few.

    That kernel shrinks with the root of the number, so a part's component would stay noisy in any
    number of scenarios. The one used has a deviation of a quarter of the tail where 100 scenarios
    are in it, and shrinks with the fifth root of that number, as kernels do.
    """
    tail = 1.0 - confidence
    wider = 16.0 * confidence / tail * (effective * tail / 100.0) ** 0.4
    return float(min(effective, wider))


def var_weights(
    values: FloatArray, shares: FloatArray, confidence: float, size: float
) -> FloatArray:
    """The kernel of ``size`` scenarios around the quantile; ties share theirs by weight."""
    order = np.argsort(-values, kind="stable")
    losses, weight = -values[order], shares[order]
    reached = np.minimum(np.cumsum(weight), 1.0)
    reached[-1] = 1.0
    mass = np.diff(_beta(reached, confidence, size), prepend=0.0)
    # Those of one loss share what falls on them, by weight: then their order does not matter.
    group = np.cumsum(np.diff(losses, prepend=losses[0]) > 0.0)
    falls = np.bincount(group, weights=mass)
    held = np.bincount(group, weights=weight)
    each = np.divide(falls, held, out=np.zeros_like(falls), where=held > 0.0)
    out = np.empty_like(values)
    out[order] = each[group] * weight
    return out


def _beta(reached: FloatArray, confidence: float, size: float) -> FloatArray:
    """The beta distribution around the confidence; its function is slow, so only where it moves."""
    reach = 40.0 * math.sqrt(confidence * (1.0 - confidence) / (size + 2.0))
    out = (reached > confidence).astype(np.float64)
    near = np.abs(reached - confidence) < reach
    out[near] = special.betainc(
        (size + 1.0) * confidence, (size + 1.0) * (1.0 - confidence), reached[near]
    )
    # Of few scenarios the beta is wide and skew: the ends are what they are.
    out[reached >= 1.0] = 1.0
    return out


def _by_volatility(values: FloatArray, shares: FloatArray, deviation: float) -> FloatArray:
    if deviation == 0.0:
        return np.zeros_like(values)
    free = 1.0 - float(np.square(shares).sum())
    # Minus, since components are of losses; the mean is the parts' own and so drops out.
    return np.asarray(-shares * (values - values @ shares) / (free * deviation))


def _scaling(var: float, smoothed: float, deviation: float) -> tuple[float, Failure | None]:
    if var == smoothed or abs(var - smoothed) <= 1e-14 * deviation:
        return 1.0, None
    ratio = var / smoothed if smoothed else math.inf
    if 1.0 / _MOST_SCALING <= ratio <= _MOST_SCALING:
        return ratio, None
    message = (
        f"The smoothed VaR, {smoothed:,.6g}, is too far from VaR, {var:,.6g}, for its components "
        "to be scaled; there are none of VaR, those of ES hold"
    )
    return 0.0, Failure(FailureReason.CALCULATION_FAILED, message, "component VaR")
