"""How much of an allocation is chance: the weights that other samples of the same market lead to.

A weight whose band reaches from nothing to a lot says that the method does not know it, however
many digits it prints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.errors import DataError, UserInputError
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Allocator, FailedPortfolio, Portfolio
from riskplatform.optimisation.resampling import Resampling

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
_HELD = 1e-6


@dataclass(frozen=True, eq=False)
class WeightBand:
    """``quantiles`` [level, asset] of weights over draws, beside the ``weights`` of the inputs.

    ``mean`` is Michaud's resampled allocation; ``held`` the share of draws in which an asset is
    held at all. Draws without an answer are failures of the coverage, and in no number.
    """

    asset_ids: tuple[str, ...]
    weights: FloatArray
    levels: tuple[float, ...]
    quantiles: FloatArray
    mean: FloatArray
    deviation: FloatArray
    held: FloatArray
    distance: float
    method: str
    parameters: Mapping[str, Any]
    inputs: str
    coverage: Coverage

    is_failed = False

    @property
    def run_id(self) -> str:
        """Of the same method with the same draws of the same inputs."""
        numbers = (self.weights, self.quantiles, self.mean)
        return content_hash(self.method, dict(self.parameters), self.inputs, *numbers)[:16]

    def to_frame(self) -> pd.DataFrame:
        """One row per asset, the largest first; one column per level, such as ``q05``."""
        frame = pd.DataFrame(
            {
                "asset_id": list(self.asset_ids),
                "weight": self.weights,
                "mean": self.mean,
                "deviation": self.deviation,
                "held": self.held,
            }
        )
        for level, row in zip(self.levels, self.quantiles, strict=True):
            frame[f"q{100.0 * level:04.1f}".removesuffix(".0")] = row
        return frame.sort_values("weight", key=abs, ascending=False, ignore_index=True)

    def plot_data(self) -> pd.DataFrame:
        """One row per asset and level, for a picture of bands."""
        wide = pd.DataFrame(self.quantiles.T, columns=list(self.levels))
        wide.insert(0, "asset_id", list(self.asset_ids))
        return wide.melt(id_vars="asset_id", var_name="level", value_name="weight")

    def to_dict(self) -> dict[str, Any]:
        return {
            "run_id": self.run_id,
            "method": self.method,
            "parameters": dict(self.parameters),
            "inputs": self.inputs,
            "distance": self.distance,
            "assets": self.to_frame().to_dict("records"),
            "coverage": self.coverage.to_dict(),
        }

    def _repr_html_(self) -> str:
        head = f"<p><b>{self.method}</b>, weights over {self.coverage} draws</p>"
        body = self.to_frame().head(20).to_html(index=False, float_format="{:.4f}".format)
        return head + str(body)


def weight_band(
    method: Allocator,
    inputs: Inputs,
    resampling: Resampling,
    rng: np.random.Generator,
    *,
    draws: int = 200,
    levels: Sequence[float] = LEVELS,
) -> WeightBand | FailedPortfolio:
    """The band of a method's weights; a failure where it has no answer for the inputs themselves.

    ``distance`` is the mean of half the sizes of all differences between drawn weights and those of
    the inputs: the share of the money that chance moves.
    """
    if draws < 2:
        raise UserInputError(f"{draws} draws have no band; give 2 or more.")
    if not levels or any(not 0.0 <= level <= 1.0 for level in levels):
        raise UserInputError("Levels of quantiles are numbers from 0 to 1.")
    base = method.fit(inputs)
    if isinstance(base, FailedPortfolio):
        return base
    rows, failures = [], []
    for number in range(1, draws + 1):
        found = _drawn(method, inputs, resampling, rng)
        if isinstance(found, Failure):
            failures.append(Failure(found.reason, found.message, f"draw {number}"))
            continue
        weights = dict(zip(found.asset_ids, found.weights.tolist(), strict=True))
        rows.append([weights.get(name, 0.0) for name in inputs.asset_ids])
    if len(rows) < 2:
        message = f"{draws - len(rows)} of {draws} draws have no answer: {failures[0].message}"
        failure = Failure(FailureReason.CALCULATION_FAILED, message, base.method)
        return FailedPortfolio(base.method, failure, inputs.content)
    table = np.array(rows)
    return WeightBand(
        asset_ids=inputs.asset_ids,
        weights=base.weights,
        levels=tuple(float(level) for level in levels),
        quantiles=np.quantile(table, list(levels), axis=0),
        mean=table.mean(axis=0),
        deviation=table.std(axis=0, ddof=1),
        held=(np.abs(table) > _HELD).mean(axis=0),
        distance=float(0.5 * np.abs(table - base.weights).sum(axis=1).mean()),
        method=base.method,
        parameters={**base.parameters, **resampling.to_dict(), "draws": draws},
        inputs=inputs.content,
        coverage=Coverage(len(rows), tuple(failures)),
    )


def _drawn(
    method: Allocator, inputs: Inputs, resampling: Resampling, rng: np.random.Generator
) -> Portfolio | Failure:
    """A portfolio, or why a draw has none; what was asked wrongly is raised."""
    try:
        found = method.fit(resampling.draw(inputs, rng))
    except DataError as error:
        return Failure(FailureReason.INVALID_DATA, error.message)
    return found.failure if isinstance(found, FailedPortfolio) else found
