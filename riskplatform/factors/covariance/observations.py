"""What an estimator is given, checked: finite returns, unique names, weights that sum to one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskplatform.errors import DataError, MissingDataError, UserInputError
from riskplatform.market.content import FloatArray, content_hash, frozen_array

_MOST_NAMED = 5


@dataclass(frozen=True)
class Observations:
    """Returns [day, factor], oldest first, with one weight per day; nobody can write to either."""

    returns: FloatArray
    names: tuple[str, ...]
    weights: FloatArray

    @property
    def days(self) -> int:
        """Days that count at all."""
        return int(np.count_nonzero(self.weights))

    @property
    def effective_days(self) -> float:
        """The number of equally weighted days that would say as much (Kish)."""
        return float(1.0 / np.sum(self.weights**2))

    @property
    def are_equal(self) -> bool:
        return bool(np.ptp(self.weights) == 0.0)

    @cached_property
    def input_hash(self) -> str:
        return content_hash(self.returns, self.names, self.weights)

    def reweighted(self, factors: FloatArray) -> Observations:
        """The same returns with each day's weight multiplied."""
        return observed(self.returns, self.names, self.weights * factors)

    def centred(self) -> FloatArray:
        """Returns less their weighted mean; of a factor that never moves, exactly zero."""
        centred = self.returns - self.weights @ self.returns
        counted = np.flatnonzero(self.weights)
        centred[:, still(self.returns, counted)] = 0.0
        return np.asarray(centred)


def observed(
    returns: ArrayLike,
    names: Sequence[str],
    weights: ArrayLike | None = None,
    *,
    least_days: int = 2,
) -> Observations:
    """Check what an estimator is given; what is wrong is an error that names factor and day."""
    values = np.asarray(returns, dtype=np.float64)
    names = tuple(str(name) for name in names)
    if values.ndim != 2 or values.shape[1] != len(names) or not names:
        raise UserInputError(
            f"Returns of shape {values.shape} do not fit {len(names)} names.",
            hint="Give one row per day and one column per name.",
        )
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise UserInputError(f"Named more than once: {', '.join(twice[:_MOST_NAMED])}.")
    _refuse_unusable(values, names)
    values = frozen_array(values, what="Returns of factors")
    shares = _shares(weights, len(values))
    counted = int(np.count_nonzero(shares))
    if counted < least_days:
        raise MissingDataError(f"There are {counted} days of returns; {least_days} are needed.")
    shares = frozen_array(shares / shares.sum(), what="Weights of days")
    return Observations(values, names, shares)


def still(values: FloatArray, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """The columns that hold one number throughout these rows."""
    # Few begin and end alike, so that few are looked at whole.
    likely = np.flatnonzero(values[rows[0]] == values[rows[-1]])
    inside = values[np.ix_(rows, likely)]
    return np.asarray(likely[(inside == inside[0]).all(axis=0)])


def _refuse_unusable(values: FloatArray, names: tuple[str, ...]) -> None:
    wrong = ~np.isfinite(values)
    if not wrong.any():
        return
    columns = np.flatnonzero(wrong.any(axis=0))
    told = [
        f"{names[column]} ({int(wrong[:, column].sum())}, first in row "
        f"{int(np.argmax(wrong[:, column]))})"
        for column in columns[:_MOST_NAMED]
    ]
    more = f" and {len(columns) - _MOST_NAMED} more" if len(columns) > _MOST_NAMED else ""
    raise DataError(
        f"Returns that are no numbers: {', '.join(told)}{more}.",
        hint="Leave out those days or factors; an estimator fills no gaps.",
    )


def _shares(weights: ArrayLike | None, days: int) -> FloatArray:
    if weights is None:
        return np.ones(days)
    shares = np.array(weights, dtype=np.float64)
    if shares.shape != (days,):
        raise UserInputError(f"{shares.size} weights do not fit {days} days.")
    if not np.isfinite(shares).all() or (shares < 0).any():
        raise UserInputError("A weight of a day must be a number of zero or more.")
    return shares
