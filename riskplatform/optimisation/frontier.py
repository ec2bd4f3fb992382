"""The whole efficient frontier, exactly: Markowitz's critical lines between bounds.

Weights are a straight line in the price of risk between turning points, where one asset reaches a
bound or leaves it. Each step adds an asset to the free ones or takes one away, so their inverse
covariance is bordered and not solved anew.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import FailedPortfolio

_TINY = 1e-12
# The bordered inverse is made anew after so many steps, before rounding adds up.
_REFRESH = 100


@dataclass(frozen=True, eq=False)
class Frontier:
    """``weights`` [turning point, asset] from the largest return down to the least variance.

    ``prices`` is the price of risk at each: the gain in half a variance for one more of return.
    """

    asset_ids: tuple[str, ...]
    weights: FloatArray
    prices: FloatArray
    expected: FloatArray
    variances: FloatArray
    inputs: str
    _sigma: FloatArray
    _mu: FloatArray

    is_failed = False

    def at_return(self, wanted: float) -> FloatArray:
        """The efficient weights with this expected return."""
        top, bottom = float(self.expected[0]), float(self.expected[-1])
        if not bottom - _TINY <= wanted <= top + _TINY:
            raise UserInputError(
                f"An expected return of {wanted:g} is not on the frontier.",
                hint=f"It goes from {bottom:g} to {top:g}.",
            )
        return np.asarray(self._between(self.expected, min(max(wanted, bottom), top)))

    def at_price(self, price: float) -> FloatArray:
        """The weights that are best when a unit of return is worth this much half-variance."""
        return np.asarray(self._between(self.prices, min(max(price, 0.0), float(self.prices[0]))))

    def maximum_sharpe(self, rate: float = 0.0) -> FloatArray:
        """The weights with the largest ratio of return above ``rate`` to volatility."""
        excess = self._mu - rate
        best, found = -math.inf, self.weights[-1]
        for one, other in zip(self.weights[:-1], self.weights[1:], strict=True):
            for share in (0.0, _tangent(one, other - one, self._sigma, excess), 1.0):
                weights = one + min(max(share, 0.0), 1.0) * (other - one)
                ratio = float(excess @ weights) / math.sqrt(float(weights @ self._sigma @ weights))
                if ratio > best:
                    best, found = ratio, weights
        return np.asarray(found)

    def _between(self, scale: FloatArray, wanted: float) -> FloatArray:
        """Weights are linear in the price, and so in the return, from one point to the next."""
        place = int(np.searchsorted(-scale, -wanted, side="left"))
        if place == 0:
            return np.asarray(self.weights[0].copy())
        left, right = float(scale[place - 1]), float(scale[place])
        share = (left - wanted) / (left - right) if left > right else 0.0
        return np.asarray(
            self.weights[place - 1] + share * (self.weights[place] - self.weights[place - 1])
        )

    def curve(self, between: int = 8) -> pd.DataFrame:
        """Points for a picture: ``between`` steps from each turning point to the next."""
        rows = []
        for place in range(len(self.weights)):
            rows.append((self.weights[place], True))
            if place + 1 < len(self.weights):
                step = self.weights[place + 1] - self.weights[place]
                rows += [
                    (self.weights[place] + share * step, False)
                    for share in np.arange(1, between) / between
                ]
        table = np.stack([weights for weights, _ in rows])
        variance = np.einsum("ij,ij->i", table @ self._sigma, table)
        return pd.DataFrame(
            {
                "expected": table @ self._mu,
                "volatility": np.sqrt(np.maximum(variance, 0.0)),
                "is_turning_point": [is_turning for _, is_turning in rows],
            }
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per turning point; then one column per asset."""
        head = pd.DataFrame(
            {
                "price": self.prices,
                "expected": self.expected,
                "volatility": np.sqrt(self.variances),
            }
        )
        return pd.concat([head, pd.DataFrame(self.weights, columns=list(self.asset_ids))], axis=1)

    def to_dict(self) -> dict[str, Any]:
        return {"inputs": self.inputs, "turning_points": self.to_frame().to_dict("records")}

    def _repr_html_(self) -> str:
        return str(self.to_frame().iloc[:, :3].to_html(index=False))


def efficient_frontier(
    inputs: Inputs,
    lower: float | Mapping[str, float] = 0.0,
    upper: float | Mapping[str, float] = 1.0,
) -> Frontier | FailedPortfolio:
    """Of weights that sum to one, each within its bounds."""
    mu, sigma = inputs.views, inputs.sigma
    low, high = (_bounds(each, inputs.asset_ids) for each in (lower, upper))
    if (low > high).any():
        name = inputs.asset_ids[int(np.argmax(low > high))]
        raise UserInputError(f"The lower bound of {name} is above its upper bound.")
    if not low.sum() - _TINY <= 1.0 <= high.sum() + _TINY:
        message = f"The bounds leave sums from {low.sum():g} to {high.sum():g}; weights sum to one."
        failure = Failure(FailureReason.INVALID_TERMS, message, "frontier")
        return FailedPortfolio("frontier", failure, inputs.content)
    points = _CriticalLine(sigma, mu, low, high).points()
    if points is None:
        message = "The covariance is singular among the assets that are held."
        failure = Failure(FailureReason.CALCULATION_FAILED, message, "frontier")
        return FailedPortfolio("frontier", failure, inputs.content)
    weights = np.stack([point.weights for point in points])
    return Frontier(
        asset_ids=inputs.asset_ids,
        weights=weights,
        prices=np.array([point.price for point in points]),
        expected=weights @ mu,
        variances=np.einsum("ij,ij->i", weights @ sigma, weights),
        inputs=inputs.content,
        _sigma=sigma,
        _mu=mu,
    )


def _bounds(given: float | Mapping[str, float], names: tuple[str, ...]) -> FloatArray:
    if not isinstance(given, Mapping):
        return np.full(len(names), float(given))
    return np.array([float(given[name]) for name in names])


def _tangent(one: FloatArray, step: FloatArray, sigma: FloatArray, excess: FloatArray) -> float:
    """Where along a step the ratio of return to volatility is level."""
    m0, m1 = float(excess @ one), float(excess @ step)
    inner = sigma @ step
    v0, v1, v2 = float(one @ sigma @ one), float(one @ inner), float(step @ inner)
    below = m1 * v1 - m0 * v2
    return (m0 * v1 - m1 * v0) / below if below else 0.0


class _Point(NamedTuple):
    weights: FloatArray
    price: float


class _CriticalLine:
    """The walk from the largest return down."""

    def __init__(
        self, sigma: FloatArray, mu: FloatArray, low: FloatArray, high: FloatArray
    ) -> None:
        self.sigma, self.mu, self.low, self.high = sigma, mu, low, high
        self.weights = low.copy()
        first = self._start()
        self.free = [first]
        self.is_free = np.zeros(len(mu), dtype=np.bool_)
        self.is_free[first] = True
        self._refresh()

    def _start(self) -> int:
        """Fill from the best return down; the asset that takes the last of the money is free."""
        left = 1.0 - float(self.weights.sum())
        order = np.argsort(-self.mu, kind="stable")
        for place in order:
            taken = min(float(self.high[place] - self.low[place]), left)
            self.weights[place] += taken
            left -= taken
            if left <= _TINY:
                return int(place)
        return int(order[-1])

    def _refresh(self) -> None:
        free = np.array(self.free, dtype=np.intp)
        self.inverse = np.linalg.inv(self.sigma[np.ix_(free, free)])

    def points(self) -> list[_Point] | None:
        """All turning points, or None where the free assets have no inverse."""
        price = math.inf
        found: list[_Point] = []
        for step in range(60 * len(self.mu) + 60):
            line = self._line()
            next_price, asset, is_leaving = self._next(line, price)
            here = max(next_price, 0.0)
            if math.isfinite(here):
                self.weights[self.free] = line.start + here * line.slope
                np.clip(self.weights, self.low, self.high, out=self.weights)
                if not found or here < found[-1].price - _TINY * max(1.0, found[-1].price):
                    found.append(_Point(self.weights.copy(), here))
            if next_price <= 0.0:
                return found
            price = next_price
            try:
                self._leave(asset) if is_leaving else self._join(asset)
                if step % _REFRESH == _REFRESH - 1:
                    self._refresh()
            except (np.linalg.LinAlgError, FloatingPointError):
                return None
        return None

    def _line(self) -> _Line:
        """Weights of the free assets, and slopes of the others, as lines in the price of risk."""
        free = np.array(self.free, dtype=np.intp)
        held = np.flatnonzero(~self.is_free & (self.weights != 0.0))
        ones = self.inverse.sum(axis=1)
        pull = self.inverse @ self.mu[free]
        fixed = self.sigma[np.ix_(free, held)] @ self.weights[held]
        back = self.inverse @ fixed
        rest = 1.0 - float(self.weights[held].sum())
        level = (rest + float(back.sum())) / float(ones.sum())
        tilt = float(pull.sum()) / float(ones.sum())
        start, slope = level * ones - back, pull - tilt * ones
        both = self.sigma[:, free] @ np.stack([start, slope], axis=1)
        other = self.sigma[:, held] @ self.weights[held]
        # γ(price) = level - price · tilt is what one more of the budget costs.
        return _Line(start, slope, both[:, 0] + other - level, both[:, 1] - self.mu + tilt)

    def _next(self, line: _Line, price: float) -> tuple[float, int, bool]:
        """The next price below at which an asset reaches a bound or wants to leave one."""
        best, asset, is_leaving = -math.inf, -1, False
        ceiling = price * (1.0 - 1e-11) if math.isfinite(price) else price
        if len(self.free) > 1:
            down = line.slope > _TINY
            up = line.slope < -_TINY
            hits = np.full(len(self.free), -math.inf)
            hits[down] = (self.low[self.free][down] - line.start[down]) / line.slope[down]
            hits[up] = (self.high[self.free][up] - line.start[up]) / line.slope[up]
            hits = np.where(hits <= ceiling, hits, np.where(hits <= price, price, -math.inf))
            place = int(np.argmax(hits))
            if hits[place] > best:
                best, asset, is_leaving = float(hits[place]), self.free[place], True
        at_low = ~self.is_free & (self.weights <= self.low + _TINY) & (line.turn > _TINY)
        at_high = ~self.is_free & (self.weights >= self.high - _TINY) & (line.turn < -_TINY)
        joins = np.full(len(self.mu), -math.inf)
        may = (at_low | at_high) & (self.high > self.low)
        joins[may] = -line.level[may] / line.turn[may]
        joins[joins > ceiling] = -math.inf
        place = int(np.argmax(joins))
        if joins[place] > best:
            best, asset, is_leaving = float(joins[place]), place, False
        return best, asset, is_leaving

    def _join(self, asset: int) -> None:
        column = self.inverse @ self.sigma[self.free, asset]
        own = float(self.sigma[asset, asset] - self.sigma[self.free, asset] @ column)
        if not own > _TINY * float(self.sigma[asset, asset]):
            raise FloatingPointError("singular")
        count = len(self.free)
        larger = np.empty((count + 1, count + 1))
        larger[:count, :count] = self.inverse + np.outer(column, column) / own
        larger[:count, count] = larger[count, :count] = -column / own
        larger[count, count] = 1.0 / own
        self.inverse = larger
        self.free.append(asset)
        self.is_free[asset] = True

    def _leave(self, asset: int) -> None:
        place = self.free.index(asset)
        at = self.weights[asset]
        is_low = abs(at - self.low[asset]) <= abs(at - self.high[asset])
        self.weights[asset] = self.low[asset] if is_low else self.high[asset]
        kept = np.delete(np.arange(len(self.free)), place)
        column = self.inverse[kept, place]
        self.inverse = self.inverse[np.ix_(kept, kept)] - (
            np.outer(column, column) / self.inverse[place, place]
        )
        self.free.pop(place)
        self.is_free[asset] = False


class _Line(NamedTuple):
    """Free weights are ``start + price · slope``; slopes of all ``level + price · turn``."""

    start: FloatArray
    slope: FloatArray
    level: FloatArray
    turn: FloatArray
