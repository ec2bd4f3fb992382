"""One opinion from several: what people or models make of their views, pooled by weights.

A linear pool believes that one of them is right and does not know which: it keeps every scenario
that anybody thinks possible, and where they disagree it is less certain than any of them. A
logarithmic pool takes what they say as pieces of evidence: it is where all of them agree, and one
who rules a scenario out rules it out for all (Stone 1961; Genest and Zidek 1986).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.factors.covariance.matrices import Dense
from riskplatform.market.content import FloatArray, frozen_array
from riskplatform.optimisation.entropy_pooling import pooled_opinions
from riskplatform.optimisation.expected_returns.contract import ExpectedReturns, found
from riskplatform.optimisation.inputs import Inputs

RULES = ("linear", "logarithmic")


@dataclass(frozen=True, slots=True, eq=False)
class PooledShares:
    """Probabilities of scenarios; ``divergences`` is how far each opinion is from them (in nats),
    ``effective`` how many equally likely scenarios would say as much."""

    shares: FloatArray
    rule: str
    weights: Mapping[str, float]
    divergences: Mapping[str, float]
    effective: float

    def to_frame(self) -> pd.DataFrame:
        """One row per opinion."""
        return pd.DataFrame(
            {
                "opinion": list(self.weights),
                "weight": list(self.weights.values()),
                "divergence": [self.divergences[name] for name in self.weights],
            }
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "weights": dict(self.weights),
            "divergences": dict(self.divergences),
            "effective_scenarios": self.effective,
        }

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, float_format="{:.4f}".format))


@dataclass(frozen=True, slots=True, eq=False)
class Opinion:
    """Normal returns to come: ``expected`` per period, and a ``covariance``; such as a posterior of
    Black and Litterman."""

    expected: FloatArray
    covariance: FloatArray


def pooled_shares(
    opinions: Mapping[str, ArrayLike],
    weights: Mapping[str, float] | None = None,
    rule: str = "linear",
) -> PooledShares | Failure:
    """Of probabilities of the same scenarios by name; equal weights where none are given.

    A logarithmic pool of opinions that have no scenario in common is a failure.
    """
    names, counts = _weights(opinions, weights)
    table = np.stack([_probabilities(name, opinions[name]) for name in names])
    if _checked_rule(rule) == "linear":
        shares = pooled_opinions(list(table), counts)
    else:
        logs = np.full(table.shape, -np.inf)
        np.log(table, out=logs, where=table > 0.0)
        # Nobody's weight of nothing may turn a scenario that is ruled out into no number.
        held = counts > 0.0
        sums = counts[held] @ logs[held]
        if not np.isfinite(sums).any():
            message = f"{', '.join(names)} have no scenario that all of them think possible."
            return Failure(FailureReason.INVALID_DATA, message, "opinions")
        shares = np.exp(sums - sums.max())
        shares = shares / shares.sum()
    return PooledShares(
        shares=frozen_array(shares, what="pooled probabilities"),
        rule=rule,
        weights=dict(zip(names, counts.tolist(), strict=True)),
        divergences={
            name: _divergence(shares, row, rule) for name, row in zip(names, table, strict=True)
        },
        effective=float(np.exp(-_mean_log(shares))),
    )


def pooled_normals(
    opinions: Mapping[str, Opinion],
    weights: Mapping[str, float] | None = None,
    rule: str = "linear",
) -> Opinion:
    """Mean and covariance of the pool; a linear pool's are those of the mixture, whose covariance
    holds how far the means are apart."""
    names, counts = _weights(opinions, weights)
    means = np.stack([np.asarray(opinions[name].expected, dtype=float) for name in names])
    spreads = np.stack([np.asarray(opinions[name].covariance, dtype=float) for name in names])
    if _checked_rule(rule) == "linear":
        mean = counts @ means
        gaps = means - mean
        covariance = np.tensordot(counts, spreads, 1) + (gaps.T * counts) @ gaps
        return Opinion(mean, covariance)
    try:
        precisions = np.linalg.inv(spreads)
    except np.linalg.LinAlgError:
        raise UserInputError(
            "A logarithmic pool weighs by how sure each is, and a covariance has no inverse.",
            hint="Pool linearly, or give covariances of assets without duplicates.",
        ) from None
    covariance = np.linalg.inv(np.tensordot(counts, precisions, 1))
    pulls = np.einsum("k,kij,kj->i", counts, precisions, means)
    return Opinion(covariance @ pulls, 0.5 * (covariance + covariance.T))


def pooled_returns(
    inputs: Inputs,
    opinions: Mapping[str, ExpectedReturns],
    weights: Mapping[str, float] | None = None,
    rule: str = "linear",
) -> ExpectedReturns:
    """The pool of several estimates of the same assets, in the contract of all of them.

    An estimate that changes no covariance has that of the inputs. The error is the pool's: of a
    linear one with how far the estimates are apart.
    """
    names, counts = _weights(opinions, weights)
    for name in names:
        if opinions[name].asset_ids != inputs.asset_ids:
            raise UserInputError(f"The opinion {name} is not about the assets of the inputs.")
    own = {name: opinions[name].covariance or inputs.covariance for name in names}
    normal = {name: Opinion(opinions[name].expected, own[name].dense()) for name in names}
    pooled = pooled_normals(normal, weights, rule)
    is_same = rule == "logarithmic" and all(own[name] is inputs.covariance for name in names)
    parameters: dict[str, float | int | str | bool] = {"rule": rule}
    for name, count in zip(names, counts.tolist(), strict=True):
        parameters[f"weight of {name}"] = count
        parameters[f"run of {name}"] = opinions[name].run_id
    return found(
        inputs,
        "pooled",
        pooled.expected,
        parameters,
        _error(opinions, names, counts, pooled.expected, rule),
        None if is_same else Dense(pooled.covariance),
    )


def _error(
    opinions: Mapping[str, ExpectedReturns],
    names: Sequence[str],
    counts: FloatArray,
    mean: FloatArray,
    rule: str,
) -> FloatArray | None:
    given = [opinions[name].error for name in names]
    errors = [error for error in given if error is not None]
    if len(errors) < len(given):
        return None
    squares = np.square(np.stack(errors))
    if rule == "linear":
        gaps = np.stack([opinions[name].expected for name in names]) - mean
        return np.asarray(np.sqrt(counts @ (squares + gaps**2)))
    with np.errstate(divide="ignore"):
        return np.asarray(1.0 / np.sqrt(counts @ (1.0 / squares)))


def _checked_rule(rule: str) -> str:
    if rule not in RULES:
        raise UnknownNameError("rule of pooling", rule, RULES)
    return rule


def _weights(
    opinions: Mapping[str, Any], weights: Mapping[str, float] | None
) -> tuple[tuple[str, ...], FloatArray]:
    names = tuple(opinions)
    if not names:
        raise UserInputError("There is no opinion to pool.", hint="Give at least one.")
    if weights is None:
        return names, np.full(len(names), 1.0 / len(names))
    for name in weights:
        if name not in opinions:
            raise UnknownNameError("opinion with a weight", name, names)
    counts = np.array([weights.get(name, 0.0) for name in names], dtype=np.float64)
    if (counts < 0.0).any() or not np.isfinite(counts).all() or not counts.sum() > 0.0:
        raise UserInputError("Weights of opinions are numbers of 0 or more, and not all 0.")
    return names, counts / counts.sum()


def _probabilities(name: str, values: ArrayLike) -> FloatArray:
    given = np.asarray(values, dtype=np.float64)
    if given.ndim != 1 or (given < 0.0).any() or not np.isfinite(given).all() or given.sum() <= 0:
        raise UserInputError(f"The opinion {name} is not a list of probabilities.")
    return np.asarray(given / given.sum())


def _mean_log(shares: FloatArray) -> float:
    held = shares > 0.0
    return float(np.sum(shares[held] * np.log(shares[held])))


def _divergence(pool: FloatArray, opinion: FloatArray, rule: str) -> float:
    """What each rule makes least in the weighted mean: KL from the opinion to a linear pool, and
    from a logarithmic pool to the opinion."""
    one, other = (opinion, pool) if rule == "linear" else (pool, opinion)
    held = one > 0.0
    if (other[held] <= 0.0).any():
        return float("inf")
    return float(np.sum(one[held] * np.log(one[held] / other[held])))
