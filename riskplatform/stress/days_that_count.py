"""The covariance by which the rest is inferred: of which days, and kept in a form that is quick.

A stress may be thought of in the days of a stress: those of a window, those on which some factor
was beyond a quantile of its own, or those of a turbulent regime. The estimate is that of Ledoit
and Wolf towards the factors' own variances, ``(1 − δ) S + δ diag(S)``. With fewer days than factors
this is of low rank plus diagonal already, so that it is never made dense; its components are put
in the order of their size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import linalg

from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.factors.covariance.matrices import LowRank
from riskplatform.factors.covariance.observations import Observations, observed
from riskplatform.factors.covariance.result import CovarianceResult, dense_result
from riskplatform.factors.covariance.shrinkage import LedoitWolf, ledoit_wolf_intensity
from riskplatform.market.content import FloatArray

LEAST_DAYS = 20
REGIMES = ("turbulent", "calm")
# Below this share of its variance a factor has none of its own, which a low rank needs.
_LEAST_SHRINKAGE = 1e-6
# Eigenvalues below this share of the largest are rounding.
_ROUNDING = 1e-14
_LEAST_CHANCE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysThatCount:
    """Which days of a history: the last ``window_days``, all if none; of these the ones of a
    ``regime`` (``turbulent`` or ``calm``, by the size of what moves most of all factors at once),
    or those on which ``factor_id`` moved below its ``below`` or above its ``above`` quantile."""

    window_days: int | None = None
    regime: str | None = None
    factor_id: str | None = None
    below: float | None = None
    above: float | None = None

    def __post_init__(self) -> None:
        if self.window_days is not None and self.window_days < 2:
            raise UserInputError(f"A window of {self.window_days} days; 2 or more can be.")
        if self.regime is not None and self.regime not in REGIMES:
            raise UnknownNameError("regime", self.regime, REGIMES)
        given = [each for each in (self.below, self.above) if each is not None]
        if (self.factor_id is None) != (not given):
            raise UserInputError(
                "Days of a factor need the factor and a quantile.",
                hint='Give both, as factor_id="spot.SPX", below=0.1.',
            )
        if self.regime is not None and given:
            raise UserInputError("Days are chosen by a regime or by a factor, not by both.")
        for share in given:
            if not 0.0 < share < 1.0:
                raise UserInputError(f"The quantile {share:g} does not lie between 0 and 1.")

    def __str__(self) -> str:
        window = "all days" if self.window_days is None else f"{self.window_days} days"
        if self.regime is not None:
            return f"{self.regime} days of {window}"
        if self.factor_id is None:
            return window
        parts = [
            f"{word} its {share:.0%} quantile"
            for word, share in (("below", self.below), ("above", self.above))
            if share is not None
        ]
        return f"days of {window} with {self.factor_id} {' or '.join(parts)}"

    def weights(self, moves: FloatArray, names: Sequence[str]) -> FloatArray:
        """One for each day of ``moves`` [day, factor]; those that do not count have none."""
        found = np.ones(len(moves))
        if self.window_days is not None:
            found[: max(len(moves) - self.window_days, 0)] = 0.0
        inside = found > 0.0
        if self.regime is not None:
            found[inside] = _regime(moves[inside], names, self.regime)
        elif self.factor_id is not None:
            found[inside] = self._beyond(moves[inside], names)
        count = int(np.count_nonzero(found))
        if count < LEAST_DAYS:
            raise MissingDataError(
                f"There are {count} days among {self}; a covariance needs {LEAST_DAYS}.",
                hint="Choose more days: a longer window, or a quantile nearer to the middle.",
            )
        return found

    def _beyond(self, moves: FloatArray, names: Sequence[str]) -> FloatArray:
        assert self.factor_id is not None
        if self.factor_id not in names:
            raise UnknownNameError("factor", self.factor_id, names)
        series = moves[:, list(names).index(self.factor_id)]
        chosen = np.zeros(len(series), dtype=np.bool_)
        if self.below is not None:
            chosen |= series <= np.quantile(series, self.below)
        if self.above is not None:
            chosen |= series >= np.quantile(series, self.above)
        return chosen.astype(np.float64)


def _regime(moves: FloatArray, names: Sequence[str], regime: str) -> FloatArray:
    """The chance of each day to have been in the regime."""
    from riskplatform.factors.covariance.hidden_states import fit_two_states

    scale = np.sqrt(np.mean(moves**2, axis=0))
    scaled = moves / np.where(scale > 0.0, scale, 1.0)
    # The largest principal component by day, from the smaller of the two product matrices.
    left, _, _ = linalg.svd(scaled @ scaled.T)
    states = fit_two_states(left[:, 0] * np.sqrt(len(moves)))
    chances = states.smoothed[:, REGIMES[::-1].index(regime)]
    return np.where(chances >= _LEAST_CHANCE, chances, 0.0)


def covariance_of_days(
    moves: FloatArray, names: Sequence[str], days: DaysThatCount | None = None
) -> CovarianceResult:
    """Of daily ``moves`` [day, factor], oldest first.

    Factors that never vary on these days are left out: see the names of the result.
    """
    chosen = days or DaysThatCount()
    weights = chosen.weights(moves, names)
    counted = weights > 0.0
    inside = moves[counted]
    moving = np.flatnonzero((inside != inside[:1]).any(axis=0))
    if not moving.size:
        raise MissingDataError(f"No factor moves on any of {chosen}.")
    seen = observed(
        np.ascontiguousarray(inside[:, moving]), [names[int(i)] for i in moving], weights[counted]
    )
    found = _shrunk(seen, about_zero=chosen.factor_id is not None)
    return replace(found, method_id=f"{found.method_id}, {chosen}")


def _shrunk(seen: Observations, *, about_zero: bool) -> CovarianceResult:
    """The estimate of :class:`LedoitWolf`, from the days themselves where they are fewer than the
    factors.

    Days that were chosen because a factor fell are all on one side of it: about their own mean
    they would seem calm, so that moves are then counted from zero.
    """
    centred = seen.returns if about_zero else seen.centred()
    scale = np.sqrt(seen.weights @ centred**2)
    units = centred / scale
    rows = units * np.sqrt(seen.weights)[:, None]
    moment = rows.T @ rows
    share = ledoit_wolf_intensity(units, seen.weights, moment)
    method = LedoitWolf().method_id + (", about zero" if about_zero else "")
    if len(rows) >= len(scale) or share < _LEAST_SHRINKAGE:
        shrunk = (1.0 - share) * moment
        np.fill_diagonal(shrunk, np.diagonal(moment))
        shrunk *= np.outer(scale, scale)
        return dense_result(shrunk, seen, method, is_semidefinite=True, shrinkage=share)
    # Rᵀ U is as good as V S of the rows' own decomposition, and U is of the smaller matrix.
    values, left = linalg.eigh(rows @ rows.T)
    kept = np.flatnonzero(values > _ROUNDING * values[-1])[::-1]
    loadings = rows.T @ left[:, kept] * np.sqrt(1.0 - share)
    return CovarianceResult(
        matrix=LowRank(loadings * scale[:, None], share * scale**2),
        names=seen.names,
        method_id=method,
        observations=seen.days,
        effective_observations=seen.effective_days,
        source=seen,
        shrinkage=share,
    )
