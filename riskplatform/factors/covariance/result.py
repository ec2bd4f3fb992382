"""What an estimator of covariance gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import linalg

from riskplatform.domain.outcome import Failure
from riskplatform.errors import DataError, UserInputError
from riskplatform.factors.covariance.matrices import CovarianceMatrix, Dense, to_correlation
from riskplatform.factors.covariance.observations import Observations
from riskplatform.factors.covariance.repair import Repair, positive_semidefinite
from riskplatform.market.content import FloatArray, content_hash

Detail = float | int | str


class CovarianceEstimator(Protocol):
    """One contract: daily returns [day, factor] in, oldest first; their daily covariance out."""

    @property
    def method_id(self) -> str:
        """The method with its parameters, as text."""
        ...

    def fit(
        self, returns: FloatArray, names: Sequence[str], *, weights: ArrayLike | None = None
    ) -> CovarianceResult:
        """``weights`` are one number per day of zero or more; they need not sum to one."""
        ...


@dataclass(frozen=True)
class CovarianceResult:
    """A daily covariance of named factors, positive semi-definite, and how it came about.

    ``source`` is what it was fitted to, or the hash of what was given in place of an estimate.
    ``effective_observations`` is the number of equally weighted days that would say as much.
    ``shrinkage`` is the weight of the target, where there is one. ``repair`` is what it took to
    make the matrix semi-definite, None if nothing. ``per_factor`` are columns of
    :meth:`factor_diagnostics`. ``failures`` are factors for which a simpler method stood in.
    """

    matrix: CovarianceMatrix
    names: tuple[str, ...]
    method_id: str
    observations: int
    effective_observations: float
    source: Observations | str = field(repr=False)
    shrinkage: float | None = None
    repair: Repair | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)
    per_factor: Mapping[str, Sequence[Detail] | FloatArray] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()

    @cached_property
    def covariance(self) -> FloatArray:
        """Σ [factor, factor], daily; dense whatever it is kept as."""
        return _read_only(self.matrix.dense())

    @cached_property
    def volatility(self) -> FloatArray:
        """Standard deviation per day."""
        return _read_only(np.sqrt(np.maximum(self.matrix.variances(), 0.0)))

    @cached_property
    def correlation(self) -> FloatArray:
        """1 on the diagonal; a factor without variance has correlation 0 with all others."""
        return _read_only(to_correlation(self.covariance)[1])

    @property
    def was_repaired(self) -> bool:
        return self.repair is not None

    @property
    def input_hash(self) -> str:
        """Of the returns, or of the matrix that was given; computed when asked for."""
        return self.source if isinstance(self.source, str) else self.source.input_hash

    @property
    def run_id(self) -> str:
        """The same method on the same returns has the same id, on any machine."""
        return content_hash(self.method_id, self.input_hash)[:16]

    def diagnostics(self) -> pd.DataFrame:
        """One row per measure: name and value. Eigenvalues are those of the correlations."""
        values = linalg.eigvalsh(self.correlation)
        smallest, largest = float(values[0]), float(values[-1])
        shares = np.maximum(values, 0.0) / np.maximum(values, 0.0).sum()
        entropy = -np.sum(shares[shares > 0] * np.log(shares[shares > 0]))
        repair = self.repair
        measures: dict[str, Detail | None] = {
            "method": self.method_id,
            "factors": len(self.names),
            "observations": self.observations,
            "effective observations": self.effective_observations,
            "shrinkage": self.shrinkage,
            "smallest eigenvalue": smallest,
            "largest eigenvalue": largest,
            "condition number": largest / smallest if smallest > 0 else float("inf"),
            "effective rank": float(np.exp(entropy)),
            "repair distance": repair.distance if repair else 0.0,
            "repair largest change": repair.largest_change if repair else 0.0,
            "failures": len(self.failures),
            **self.details,
        }
        return pd.DataFrame({"measure": list(measures), "value": list(measures.values())})

    def factor_diagnostics(self) -> pd.DataFrame:
        """One row per factor: volatility, mean correlation with others, and the method's own."""
        others = max(len(self.names) - 1, 1)
        return pd.DataFrame(
            {
                "factor_id": list(self.names),
                "volatility_per_day": self.volatility,
                "mean_correlation": (self.correlation.sum(axis=1) - 1.0) / others,
                **{name: list(values) for name, values in self.per_factor.items()},
            }
        )

    def to_frame(self) -> pd.DataFrame:
        """Σ with names on both sides."""
        return pd.DataFrame(self.covariance.copy(), index=self.names, columns=self.names)

    def to_dict(self) -> dict[str, Any]:
        return {
            "run_id": self.run_id,
            "names": list(self.names),
            "covariance": self.covariance.tolist(),
            "diagnostics": dict(self.diagnostics().to_numpy().tolist()),
            "failures": [failure.to_dict() for failure in self.failures],
        }

    def _repr_html_(self) -> str:
        table = self.diagnostics().to_html(index=False)
        return f"<p><b>{self.method_id}</b>, {len(self.names):,} factors</p>{table}"


def dense_result(
    covariance: FloatArray,
    seen: Observations,
    method_id: str,
    *,
    is_semidefinite: bool = False,
    **more: Any,
) -> CovarianceResult:
    """A result from a dense matrix, repaired where it is not semi-definite.

    ``is_semidefinite`` says that it is by construction, as a sum of squares of data is: it is then
    neither examined nor copied, and belongs to the result.
    """
    repaired, repair = (covariance, None) if is_semidefinite else positive_semidefinite(covariance)
    repaired.flags.writeable = False
    given: dict[str, Any] = {
        "observations": seen.days,
        "effective_observations": seen.effective_days,
        "repair": repair,
        **more,
    }
    return CovarianceResult(
        matrix=Dense(repaired),
        names=seen.names,
        method_id=method_id,
        source=seen,
        **given,
    )


def given_covariance(
    covariance: ArrayLike, names: Sequence[str], *, method_id: str = "given"
) -> CovarianceResult:
    """A matrix of the user's own, such as a stressed one, repaired where it is none."""
    values = np.array(covariance, dtype=np.float64)
    repaired, repair = positive_semidefinite(_checked(values, len(names)))
    return CovarianceResult(
        matrix=Dense(repaired),
        names=tuple(names),
        method_id=method_id,
        observations=0,
        effective_observations=0.0,
        source=content_hash(values, tuple(names)),
        repair=repair,
    )


def _checked(values: FloatArray, count: int) -> FloatArray:
    if values.shape != (count, count):
        raise UserInputError(f"A matrix of shape {values.shape} does not fit {count} names.")
    if not np.isfinite(values).all():
        raise DataError("A covariance holds a number that is not finite.")
    return values


def _read_only(values: FloatArray) -> FloatArray:
    values.flags.writeable = False
    return values
