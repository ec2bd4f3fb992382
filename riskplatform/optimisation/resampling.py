"""Other inputs that the same market could have given: drawn from the history, or from moments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.factors.covariance.matrices import to_correlation
from riskplatform.factors.covariance.result import CovarianceEstimator
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.expected_returns.contract import ExpectedReturnEstimator
from riskplatform.optimisation.expected_returns.history import mean_of, shares_of
from riskplatform.optimisation.inputs import Inputs, inputs_from_returns


class Resampling(Protocol):
    """Draws inputs that could have been."""

    def draw(self, inputs: Inputs, rng: np.random.Generator) -> Inputs: ...

    def to_dict(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Bootstrap:
    """Periods drawn from the history with replacement, ``block`` of them at a time so that what
    follows on each other stays together.

    Moments are estimated anew: Σ by ``estimator`` (Ledoit and Wolf's where none is given), and
    expected returns by ``returns``; without it those of the inputs are moved as far as the means of
    the drawn history are from the means of the history.
    """

    block: int = 1
    estimator: CovarianceEstimator | None = None
    returns: ExpectedReturnEstimator | None = None

    def draw(self, inputs: Inputs, rng: np.random.Generator) -> Inputs:
        table = inputs.scenarios
        count = len(table)
        if not 1 <= self.block <= count:
            raise UserInputError(
                f"Blocks of {self.block} periods out of a history of {count}.",
                hint="Give a length from 1 up to the history's.",
            )
        if inputs.shares is not None and self.block > 1:
            raise UserInputError(
                "Scenarios with shares have no order, and are drawn one by one.",
                hint="Use block=1.",
            )
        starts = rng.choice(count, size=-(-count // self.block), p=shares_of(inputs))
        days = (starts[:, None] + np.arange(self.block)).ravel()[:count] % count
        drawn = _estimated(inputs, table[days], self.estimator)
        if self.returns is not None:
            return self.returns.fit(drawn).into(drawn)
        if inputs.expected is None:
            return drawn
        moved = mean_of(drawn)[0] - _of(drawn, inputs, mean_of(inputs)[0])
        return replace(drawn, expected=_of(drawn, inputs, inputs.expected) + moved)

    def to_dict(self) -> dict[str, Any]:
        return {
            "resampling": "bootstrap",
            "block": self.block,
            "estimator": _named(self.estimator),
            "returns": repr(self.returns),
        }


@dataclass(frozen=True)
class Parametric:
    """A history of ``observations`` periods drawn from a normal distribution with the moments of
    the inputs, and moments estimated from it as in :class:`Bootstrap`.

    Where ``error`` gives the standard errors of expected returns (by asset, as an estimator of them
    tells), these are drawn with it around those of the inputs, correlated as returns are.
    """

    observations: int | None = None
    estimator: CovarianceEstimator | None = None
    returns: ExpectedReturnEstimator | None = None
    error: ArrayLike | None = None

    def draw(self, inputs: Inputs, rng: np.random.Generator) -> Inputs:
        count = self._observations(inputs)
        mean = np.zeros(len(inputs.asset_ids)) if inputs.expected is None else inputs.expected
        table = mean + inputs.covariance.sample(rng, count)
        drawn = _estimated(inputs, table, self.estimator)
        if self.returns is not None:
            return self.returns.fit(drawn).into(drawn)
        if inputs.expected is None:
            return drawn
        if self.error is None:
            return replace(drawn, expected=mean_of(drawn)[0])
        error = np.asarray(self.error, dtype=np.float64)
        if error.shape != mean.shape or not (error >= 0.0).all():
            raise UserInputError(
                f"Standard errors of shape {error.shape} for {len(mean)} assets, or below 0.",
                hint="Give one per asset of the inputs, in their order.",
            )
        scale = to_correlation(inputs.sigma)[0]
        per_unit = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0.0)
        noise = inputs.covariance.sample(rng, 1)[0] * per_unit * error
        return replace(drawn, expected=_of(drawn, inputs, mean + noise))

    def _observations(self, inputs: Inputs) -> int:
        if self.observations is not None:
            if self.observations < 2:
                raise UserInputError(f"{self.observations} observations; give 2 or more.")
            return self.observations
        if inputs.returns is None:
            raise MissingDataError(
                "How far moments can be off follows from how many observations there were.",
                hint="Give observations, or inputs with returns.",
            )
        return len(inputs.returns)

    def to_dict(self) -> dict[str, Any]:
        return {
            "resampling": "parametric",
            "observations": self.observations,
            "estimator": _named(self.estimator),
            "returns": repr(self.returns),
            "error": "given" if self.error is not None else None,
        }


def _named(estimator: CovarianceEstimator | None) -> str:
    return "default" if estimator is None else estimator.method_id


def _estimated(inputs: Inputs, table: FloatArray, estimator: CovarianceEstimator | None) -> Inputs:
    """Inputs from a drawn history; an asset that never moves in it is left out of them."""
    found = inputs_from_returns(
        table, inputs.asset_ids, estimator=estimator, is_history=inputs.is_history
    )
    return replace(
        found,
        current=None if inputs.current is None else _of(found, inputs, inputs.current),
        benchmark=None if inputs.benchmark is None else _of(found, inputs, inputs.benchmark),
        sources=inputs.sources,
    )


def _of(drawn: Inputs, inputs: Inputs, values: FloatArray) -> FloatArray:
    """The values of the assets that were drawn."""
    if drawn.asset_ids == inputs.asset_ids:
        return values
    known = dict(zip(inputs.asset_ids, values.tolist(), strict=True))
    return np.array([known[name] for name in drawn.asset_ids])
