"""What an allocation is made from: moments and scenarios of assets on one axis.

An asset that cannot be allocated to is left out by a rule and named, before any method sees it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.factors.covariance.matrices import CovarianceMatrix, Dense, LowRank
from riskplatform.factors.covariance.observations import still
from riskplatform.factors.covariance.repair import positive_semidefinite
from riskplatform.factors.covariance.result import CovarianceEstimator
from riskplatform.factors.covariance.shrinkage import LedoitWolf
from riskplatform.market.content import FloatArray, content_hash, frozen_array

LEAST_OBSERVATIONS = 2


@dataclass(frozen=True, eq=False)
class Inputs:
    """Per period (a day, as a rule): ``covariance``, ``expected`` returns, and ``returns``.

    ``returns`` [scenario, asset] are gains of one unit of money, with ``shares`` of scenarios that
    sum to one (equal where there are none); ``is_history`` says that they are days, oldest first.
    ``current`` and ``benchmark`` are weights. ``excluded`` are assets left out, and why.
    """

    asset_ids: tuple[str, ...]
    covariance: CovarianceMatrix
    returns: FloatArray | None = None
    expected: FloatArray | None = None
    shares: FloatArray | None = None
    is_history: bool = True
    current: FloatArray | None = None
    benchmark: FloatArray | None = None
    covariance_id: str = "given"
    excluded: tuple[Failure, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.asset_ids)
        if not count:
            raise MissingDataError(
                "There is no asset to allocate to.", hint="Give at least one asset with a history."
            )
        if len(set(self.asset_ids)) != count:
            raise UserInputError("An asset appears twice.", hint="Name each asset once.")
        for name in ("expected", "current", "benchmark"):
            values = getattr(self, name)
            if values is not None:
                object.__setattr__(self, name, _vector(values, count, name))
        if self.returns is not None:
            table = np.asarray(self.returns, dtype=np.float64)
            if table.ndim != 2 or table.shape[1] != count or not np.isfinite(table).all():
                raise UserInputError(
                    f"Returns of shape {table.shape} do not fit {count} assets, or are no numbers."
                )
            object.__setattr__(self, "returns", frozen_array(table, what="returns of assets"))

    @property
    def coverage(self) -> Coverage:
        return Coverage(len(self.asset_ids), self.excluded)

    @cached_property
    def sigma(self) -> FloatArray:
        """Σ, dense whatever it is kept as."""
        return frozen_array(self.covariance.dense(), what="covariance")

    @cached_property
    def content(self) -> str:
        """The same numbers have the same name, on any machine."""
        arrays = (self.returns, self.expected, self.shares, self.current, self.benchmark)
        return content_hash(
            list(self.asset_ids), *_parts(self.covariance), self.covariance_id, *arrays
        )[:16]

    @property
    def scenarios(self) -> FloatArray:
        """The returns, of inputs that have them."""
        if self.returns is None:
            raise MissingDataError(
                "This method needs returns in scenarios, and only moments were given.",
                hint="Give a history of returns, or scenarios from a cube.",
            )
        return self.returns

    @property
    def views(self) -> FloatArray:
        """The expected returns, of inputs that have them."""
        if self.expected is None:
            raise MissingDataError(
                "This method needs expected returns.",
                hint="Give some: equilibrium, shrinkage, factor-implied or your own views.",
            )
        return self.expected


def inputs_from_returns(
    returns: ArrayLike,
    asset_ids: Sequence[str],
    *,
    estimator: CovarianceEstimator | None = None,
    shares: ArrayLike | None = None,
    is_history: bool = True,
    expected: Mapping[str, float] | None = None,
    current: Mapping[str, float] | None = None,
    benchmark: Mapping[str, float] | None = None,
    sources: Mapping[str, str] | None = None,
) -> Inputs:
    """Inputs from returns [period, asset]; by default the covariance of Ledoit and Wolf.

    An asset with a gap in its history, or one that never moves, is left out and named.
    """
    table = np.asarray(returns, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(asset_ids):
        raise UserInputError(f"Returns of shape {table.shape} do not fit {len(asset_ids)} assets.")
    if table.shape[0] < LEAST_OBSERVATIONS:
        raise MissingDataError(f"{table.shape[0]} observations say nothing of risk; 2 are needed.")
    excluded = _excluded(table, asset_ids)
    out = {failure.subject for failure in excluded}
    kept = [i for i, name in enumerate(asset_ids) if name not in out]
    if not kept:
        raise MissingDataError(
            f"No asset of {len(asset_ids)} has a whole history that moves: {excluded[0].message}"
        )
    names = tuple(asset_ids[i] for i in kept)
    chosen = frozen_array(table[:, kept] if out else table, what="returns of assets")
    found = (estimator or LedoitWolf()).fit(chosen, names, weights=shares)
    return Inputs(
        asset_ids=names,
        covariance=found.matrix,
        returns=chosen,
        expected=_given(expected, names),
        shares=None if shares is None else np.asarray(shares, dtype=np.float64),
        is_history=is_history,
        current=_given(current, names, 0.0),
        benchmark=_given(benchmark, names, 0.0),
        covariance_id=found.method_id,
        excluded=excluded,
        sources=dict(sources or {}),
    )


def inputs_from_moments(
    asset_ids: Sequence[str], covariance: ArrayLike, expected: ArrayLike | None = None
) -> Inputs:
    """Inputs where nothing but moments is known; what is no covariance is refused.

    An asset without variance stays, as cash may be one: methods that share by risk name it.
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    count = len(asset_ids)
    if matrix.shape != (count, count) or not np.isfinite(matrix).all():
        raise UserInputError(
            f"A covariance of shape {matrix.shape} for {count} assets, or no numbers in it."
        )
    variances = np.diagonal(matrix)
    if (variances < 0.0).any():
        raise UserInputError(f"The variance of {asset_ids[int(np.argmin(variances))]} is negative.")
    given = None if expected is None else np.asarray(expected, dtype=np.float64)
    return Inputs(tuple(asset_ids), Dense(_semidefinite(matrix)), expected=given)


def _semidefinite(matrix: FloatArray) -> FloatArray:
    """Made symmetric; one by which some portfolio would have less risk than none is refused."""
    found, repair = positive_semidefinite(matrix)
    if repair is not None:
        raise UserInputError(
            "The matrix is no covariance: its correlations have an eigenvalue of "
            f"{repair.smallest_eigenvalue_before:.3g}.",
            hint="`given_covariance` of riskplatform.factors.covariance.result finds the nearest.",
        )
    return found


def _parts(covariance: CovarianceMatrix) -> tuple[FloatArray, ...]:
    """What a covariance is made of: a large one of low rank is never written out for its name."""
    if isinstance(covariance, LowRank):
        return covariance.loadings, covariance.own_variances
    return (np.asarray(covariance.dense(), dtype=np.float64),)


def _excluded(table: FloatArray, names: Sequence[str]) -> tuple[Failure, ...]:
    periods = len(table)
    missing = np.count_nonzero(~np.isfinite(table), axis=0)
    never = set(still(table, np.arange(periods)).tolist())
    out = []
    for place in sorted({*np.flatnonzero(missing).tolist(), *never}):
        name = names[place]
        if missing[place]:
            message = f"{name} has no return in {missing[place]:,} of {periods:,} periods."
            out.append(Failure(FailureReason.MISSING_DATA, message, name))
        else:
            message = f"{name} never moves: it has no risk to share."
            out.append(Failure(FailureReason.INVALID_DATA, message, name))
    return tuple(out)


def _given(
    values: Mapping[str, float] | None, names: Sequence[str], default: float | None = None
) -> FloatArray | None:
    if values is None:
        return None
    absent = [name for name in names if name not in values]
    if absent and default is None:
        raise MissingDataError(
            f"{len(absent)} assets have no expected return, the first is {absent[0]}."
        )
    filled = 0.0 if default is None else default
    return np.array([values.get(name, filled) for name in names], dtype=np.float64)


def _vector(values: ArrayLike, count: int, name: str) -> FloatArray:
    found = np.asarray(values, dtype=np.float64)
    if found.shape != (count,) or not np.isfinite(found).all():
        raise UserInputError(f"{name}: {found.shape} numbers for {count} assets, or no numbers.")
    return frozen_array(found, what=name)
