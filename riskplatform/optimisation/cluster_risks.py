"""The risk of clusters of assets, each held by the inverse risk of what is in it.

A method that splits money down a tree asks for the risks of all its sides at once, so that a
thousand of them are a few matrix products and not a thousand small ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.cluster_tree import ClusterTree
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import FailedPortfolio
from riskplatform.risk.quantiles import var_and_es

Places = NDArray[np.intp]
ClusterRisk = Callable[[Places, Places], FloatArray]
"""Where stretches of the order of the leaves start and stop in, one risk per stretch out."""

# A stretch of at most so many leaves is taken out of the covariance; a longer one is multiplied.
_SHORT = 64
# So many stretches are worked at once: bounds memory, where a tree has thousands.
_AT_ONCE = 256
_NAMED = 3


def alone(inputs: Inputs, risk: str, confidence: float) -> FloatArray:
    """Each asset's own risk, NaN where it has none: by ES one that gains even in its tail."""
    if risk == "es":
        found = np.asarray(var_and_es(inputs.scenarios.T, confidence, inputs.shares).es)
        return np.where(found > 0.0, found, np.nan)
    variances = np.where(np.diagonal(inputs.sigma) > 0.0, np.diagonal(inputs.sigma), np.nan)
    return np.asarray(variances if risk == "variance" else np.sqrt(variances))


def without_risk(method: str, inputs: Inputs, risk: str, confidence: float) -> FailedPortfolio:
    """Why money could not be split: it names the assets that have no risk of their own."""
    own = alone(inputs, risk, confidence)
    names = [name for name, each in zip(inputs.asset_ids, own, strict=True) if not each > 0.0]
    some = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" * (len(names) > _NAMED))
    who = f"{some} alone" if names else "a cluster"
    message = f"The {risk} of {who} is nothing, so that money cannot be split by it."
    failure = Failure(FailureReason.CALCULATION_FAILED, message, method)
    return FailedPortfolio(method, failure, inputs.content)


def _variance(inputs: Inputs, tree: ClusterTree, confidence: float) -> ClusterRisk:
    held = 1.0 / alone(inputs, "variance", confidence)[tree.order]
    return lambda starts, stops: _variances(inputs.sigma, tree.order, held, starts, stops)


def _volatility(inputs: Inputs, tree: ClusterTree, confidence: float) -> ClusterRisk:
    held = 1.0 / alone(inputs, "volatility", confidence)[tree.order]
    return lambda starts, stops: np.sqrt(_variances(inputs.sigma, tree.order, held, starts, stops))


def _shortfall(inputs: Inputs, tree: ClusterTree, confidence: float) -> ClusterRisk:
    gains = inputs.scenarios[:, tree.order]
    inverse = 1.0 / alone(inputs, "es", confidence)[tree.order]

    def risk(side: slice) -> float:
        held = inverse[side] / inverse[side].sum()
        return float(var_and_es(gains[:, side] @ held, confidence, inputs.shares).es)

    return lambda starts, stops: np.array(
        [risk(slice(*each)) for each in zip(starts, stops, strict=True)]
    )


RISKS: Mapping[str, Callable[[Inputs, ClusterTree, float], ClusterRisk]] = {
    "variance": _variance,
    "volatility": _volatility,
    "es": _shortfall,
}


def _variances(
    sigma: FloatArray, order: Places, held: FloatArray, starts: Places, stops: Places
) -> FloatArray:
    """Of each stretch of the order, held in proportion to ``held`` (by the order too)."""
    counts = stops - starts
    found = np.empty(len(starts))
    # Stretches of like length are worked together: up to 1 leaf, 2, 4 and so on.
    classes = np.where(counts <= _SHORT, np.ceil(np.log2(counts)), -1)
    for length in np.unique(classes):
        work = _multiplied if length < 0 else _taken_out
        places = np.flatnonzero(classes == length)
        for start in range(0, len(places), _AT_ONCE):
            some = places[start : start + _AT_ONCE]
            found[some] = work(sigma, order, held, starts[some], counts[some])
    return found


def _taken_out(
    sigma: FloatArray,
    order: Places,
    held: FloatArray,
    starts: Places,
    counts: Places,
) -> FloatArray:
    """Blocks of the covariance side by side, the shorter ones filled up with nothing held."""
    steps = np.arange(counts.max())
    places = np.minimum(starts[:, np.newaxis] + steps, len(order) - 1)
    parts = np.where(steps < counts[:, np.newaxis], held[places], 0.0)
    assets = order[places]
    blocks = sigma[assets[:, :, np.newaxis], assets[:, np.newaxis, :]]
    moved = (blocks @ parts[:, :, np.newaxis])[:, :, 0]
    return np.asarray(np.sum(parts * moved, axis=1) / parts.sum(axis=1) ** 2)


def _multiplied(
    sigma: FloatArray,
    order: Places,
    held: FloatArray,
    starts: Places,
    counts: Places,
) -> FloatArray:
    """The whole covariance times one column per stretch, which is zero outside it."""
    parts = np.zeros((len(starts), len(order)))
    for row, (start, count) in enumerate(zip(starts.tolist(), counts.tolist(), strict=True)):
        side = slice(start, start + count)
        parts[row, order[side]] = held[side]
    return np.asarray(np.sum((parts @ sigma) * parts, axis=1) / parts.sum(axis=1) ** 2)
