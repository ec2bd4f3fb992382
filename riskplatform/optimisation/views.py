"""Views that come from models: forecasts with their errors, and premia of factors.

Black and Litterman take views whose errors have nothing to do with each other. A forecast of many
assets has errors that do: it is turned into as many combinations of assets whose errors do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Failure
from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.black_litterman import View
from riskplatform.optimisation.inputs import Inputs

_NOTHING = 1e-12


def forecast_views(
    values: Mapping[str, float],
    errors: Mapping[str, float],
    *,
    correlation: ArrayLike | None = None,
    model_id: str = "model",
) -> tuple[View, ...]:
    """One view per forecast, as sure as its standard error out of sample says.

    ``correlation`` of the errors is in the order of ``values``; where one is given, the views are
    about its principal combinations, which say the same in all.
    """
    names = tuple(values)
    absent = [name for name in names if name not in errors]
    if absent:
        raise MissingDataError(
            f"{len(absent)} forecasts of {model_id} have no error, the first is {absent[0]}.",
            hint="A forecast without an error would be taken as certain; give its standard error.",
        )
    spread = np.array([errors[name] for name in names], dtype=np.float64)
    if (spread < 0.0).any() or not np.isfinite(spread).all():
        raise UserInputError(f"The errors of {model_id} are not numbers of 0 or more.")
    if correlation is None:
        return tuple(
            View({name: 1.0}, values[name], variance=errors[name] ** 2, name=f"{model_id}: {name}")
            for name in names
        )
    return _combined(names, np.array([values[name] for name in names]), spread, correlation,
                     model_id)  # fmt: skip


def factor_views(
    inputs: Inputs,
    betas: Mapping[str, Mapping[str, float]],
    premia: Mapping[str, float],
    errors: Mapping[str, float] | None = None,
) -> tuple[View, ...]:
    """A view per factor of ``premia``: what its own book will return per period.

    That book has a beta of one to the factor and none to any other in ``betas`` (asset → factor →
    beta, nothing where not named), and is the least risky of those.
    """
    factors = tuple(dict.fromkeys(name for row in betas.values() for name in row))
    for name in premia:
        if name not in factors:
            raise UnknownNameError("factor of a view", name, factors)
    table = np.array(
        [[betas.get(name, {}).get(factor, 0.0) for factor in factors] for name in inputs.asset_ids]
    )
    books = factor_books(inputs, table)
    if books is None:
        raise UserInputError(
            f"The betas of {len(inputs.asset_ids)} assets do not tell {len(factors)} factors "
            "apart.",
            hint="Leave out factors that are combinations of others, or that no asset has.",
        )
    out = []
    for name, value in premia.items():
        book = books[factors.index(name)]
        weights = {asset: float(w) for asset, w in zip(inputs.asset_ids, book, strict=True) if w}
        error = None if errors is None else errors.get(name)
        variance = None if error is None else error**2
        out.append(View(weights, value, variance=variance, name=f"factor {name}"))
    return tuple(out)


def factor_books(inputs: Inputs, betas: FloatArray) -> FloatArray | None:
    """Least risky books [factor, asset] with a beta of one to one factor each; None without any.

    They are (B'Σ⁻¹B)⁻¹ B'Σ⁻¹.
    """
    pull = inputs.covariance.solve(betas)
    inner = betas.T @ pull
    scale = np.sqrt(np.maximum(np.diagonal(inner), 0.0))
    if not (scale > 0.0).all():
        return None
    if np.linalg.eigvalsh(inner / np.outer(scale, scale))[0] < _NOTHING:
        return None
    books = np.linalg.solve(inner, pull.T)
    # A singular covariance can leave an exposure that no asset in it carries.
    return np.asarray(books) if np.allclose(books @ betas, np.eye(betas.shape[1])) else None


def known_views(
    inputs: Inputs, views: Sequence[View]
) -> tuple[tuple[View, ...], tuple[Failure, ...]]:
    """Views on assets that the inputs have, and those that are about excluded ones."""
    excluded = {each.subject: each for each in inputs.excluded}
    kept, failures = [], []
    for view in views:
        gone = [name for name in view.weights if name in excluded]
        if not gone:
            kept.append(view)
            continue
        told = view.name or ", ".join(view.weights)
        message = f"The view {told} is left out: {excluded[gone[0]].message}"
        failures.append(Failure(excluded[gone[0]].reason, message, told))
    return tuple(kept), tuple(failures)


def _combined(
    names: Sequence[str],
    values: FloatArray,
    spread: FloatArray,
    correlation: ArrayLike,
    model_id: str,
) -> tuple[View, ...]:
    matrix = np.asarray(correlation, dtype=np.float64)
    count = len(names)
    if matrix.shape != (count, count) or not np.allclose(matrix, matrix.T):
        raise UserInputError(
            f"A correlation of shape {matrix.shape} does not fit {count} forecasts, or is not "
            "symmetric."
        )
    variances, basis = np.linalg.eigh(np.outer(spread, spread) * matrix)
    if variances[0] < -1e-9 * max(variances[-1], 1e-300):
        raise UserInputError("The correlation of the forecasts' errors is not that of anything.")
    return tuple(
        View(
            dict(zip(names, row.tolist(), strict=True)),
            float(row @ values),
            variance=max(float(variance), 0.0),
            name=f"{model_id}: combination {place}",
        )
        for place, (row, variance) in enumerate(zip(basis.T, variances, strict=True), start=1)
    )
