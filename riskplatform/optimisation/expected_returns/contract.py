"""What an estimator of expected returns gives back, and what it must offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from riskplatform.domain.outcome import Coverage
from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.factors.covariance.matrices import CovarianceMatrix
from riskplatform.market.content import FloatArray, content_hash, frozen_array
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Detail


@dataclass(frozen=True, eq=False)
class ExpectedReturns:
    """``expected`` excess returns per period (of the inputs') of ``asset_ids``.

    ``error`` is the standard error of each, None where the method has none. ``covariance`` is that
    of returns to come, of a method that changes it too (Black and Litterman's Σ + M).
    """

    asset_ids: tuple[str, ...]
    expected: FloatArray
    method: str
    parameters: Mapping[str, Detail]
    inputs: str
    error: FloatArray | None = None
    covariance: CovarianceMatrix | None = None
    coverage: Coverage = field(default_factory=lambda: Coverage(0))

    def __post_init__(self) -> None:
        shape = (len(self.asset_ids),)
        for name in ("expected", "error"):
            if getattr(self, name) is not None:
                what = f"{name} of {self.method}"
                values = frozen_array(getattr(self, name), what=what, shape=shape)
                object.__setattr__(self, name, values)

    @property
    def run_id(self) -> str:
        """The same method with the same choices on the same inputs."""
        return content_hash(self.method, dict(self.parameters), self.inputs)[:16]

    def into(self, inputs: Inputs) -> Inputs:
        """The inputs with these expected returns, and with the covariance where there is one."""
        if inputs.asset_ids != self.asset_ids:
            raise UserInputError(
                f"Expected returns of {len(self.asset_ids)} assets do not fit inputs of "
                f"{len(inputs.asset_ids)}, or not in their order.",
                hint="Fit the estimator on the inputs that it shall go into.",
            )
        sources = {**inputs.sources, "expected": f"{self.method} {self.run_id}"}
        if self.covariance is None:
            return replace(inputs, expected=self.expected, sources=sources)
        return replace(
            inputs,
            expected=self.expected,
            covariance=self.covariance,
            covariance_id=f"{inputs.covariance_id} and {self.method}",
            sources=sources,
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per asset; without an error its column is empty."""
        error = [None] * len(self.asset_ids) if self.error is None else self.error
        return pd.DataFrame(
            {"asset_id": list(self.asset_ids), "expected": self.expected, "error": error}
        )

    def to_dict(self) -> dict[str, Any]:
        error = self.error
        return {
            "run_id": self.run_id,
            "method": self.method,
            "parameters": dict(self.parameters),
            "inputs": self.inputs,
            "expected": dict(zip(self.asset_ids, self.expected.tolist(), strict=True)),
            "error": None
            if error is None
            else dict(zip(self.asset_ids, error.tolist(), strict=True)),
            "coverage": self.coverage.to_dict(),
        }

    def _repr_html_(self) -> str:
        body = self.to_frame().head(20).to_html(index=False, float_format="{:.6f}".format)
        return f"<p><b>{self.method}</b>, {len(self.asset_ids):,} assets, per period</p>{body}"


class ExpectedReturnEstimator(Protocol):
    """One contract for all: inputs in, expected returns of their assets out; choices are fields."""

    def fit(self, inputs: Inputs) -> ExpectedReturns:
        """Raises for what was asked wrongly, or cannot be answered from these inputs."""
        ...


def found(
    inputs: Inputs,
    method: str,
    expected: FloatArray,
    parameters: Mapping[str, Detail],
    error: FloatArray | None = None,
    covariance: CovarianceMatrix | None = None,
) -> ExpectedReturns:
    """A result on the axis of the inputs."""
    return ExpectedReturns(
        asset_ids=inputs.asset_ids,
        expected=expected,
        method=method,
        parameters=parameters,
        inputs=inputs.content,
        error=error,
        covariance=covariance,
        coverage=inputs.coverage,
    )


def row_of(
    values: Mapping[str, float], names: Sequence[str], what: str, missing: float | None = None
) -> FloatArray:
    """One number per name; a name without one is an error, unless ``missing`` stands in."""
    absent = [name for name in names if name not in values]
    if absent and missing is None:
        raise MissingDataError(
            f"{len(absent)} of {len(names)} have no {what}, the first is {absent[0]}.",
            hint="Give it for each, or say what stands in for it.",
        )
    return np.array([values.get(name, missing) for name in names], dtype=np.float64)
