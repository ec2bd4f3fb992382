"""Small books of options as functions of moves, and the most likely loss by brute force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from riskplatform.market.content import FloatArray
from riskplatform.pricing.options.barrier import barrier_price
from riskplatform.pricing.options.vanilla import vanilla_greeks, vanilla_price

SPOT, VOL, RATE = 100.0, 0.2, 0.03
BY_MOVES = ("log of the price", "volatility", "rate")
# A day's moves: 1.3 % of the price, a point of volatility, five basis points; price and
# volatility go against each other.
DEVIATIONS = np.array([0.013, 0.01, 0.0005])
CORRELATION = np.array([[1.0, -0.7, 0.2], [-0.7, 1.0, -0.1], [0.2, -0.1, 1.0]])
SIGMA = CORRELATION * np.outer(DEVIATIONS, DEVIATIONS)


@dataclass(frozen=True)
class Line:
    """A quantity of one option, or of the share itself where there is no strike."""

    quantity: float
    strike: float = 0.0
    years: float = 0.25
    is_call: bool = False


@dataclass(eq=False)
class OptionBook:
    """Gains of lines by moves of price, volatility and rate, each priced in full."""

    lines: tuple[Line, ...]
    knows_slope: bool = False
    calls: int = field(default=0)

    def gains(self, moves: FloatArray) -> FloatArray:
        self.calls += 1
        return self._worth(moves) - self._worth(np.zeros((1, 3)))

    def gradient(self, moves: FloatArray) -> FloatArray | None:
        if not self.knows_slope:
            return None
        spot, vol, rate = _market(moves[None, :])
        found = np.zeros(3)
        for line in self.lines:
            if not line.strike:
                found[0] += line.quantity * spot[0]
                continue
            greeks = vanilla_greeks(spot, line.strike, line.years, vol, rate, 0.0, line.is_call)
            parts = [greeks.delta[0] * spot[0], greeks.vega[0], greeks.rho[0]]
            found += line.quantity * np.array(parts)
        return found

    def _worth(self, moves: FloatArray) -> FloatArray:
        spot, vol, rate = _market(moves)
        total = np.zeros(len(moves))
        for line in self.lines:
            total += line.quantity * (
                spot
                if not line.strike
                else vanilla_price(
                    spot, line.strike, line.years, vol, rate, 0.0, line.is_call
                ).value
            )
        return total


def _market(moves: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    return SPOT * np.exp(moves[:, 0]), np.maximum(VOL + moves[:, 1], 0.01), RATE + moves[:, 2]


def knock_out(moves: FloatArray) -> FloatArray:
    """What is lost on a long call that dies at 120: it loses when the price falls, and when it
    rises to the barrier."""
    spot, vol, rate = _market(moves)

    def worth(s: FloatArray, v: FloatArray, r: FloatArray) -> FloatArray:
        return np.asarray(
            barrier_price(s, 95.0, 120.0, 0.5, v, r, 0.0, is_call=True, is_up=True, is_out=True)
            .value
        )  # fmt: skip

    now = worth(np.array([SPOT]), np.array([VOL]), np.array([RATE]))
    return 1_000.0 * (worth(spot, vol, rate) - now)


def brute_force(
    gains: Callable[[FloatArray], FloatArray],
    loss: float,
    root: FloatArray,
    *,
    farthest: float = 30.0,
    count: int = 20_000,
) -> tuple[float, FloatArray]:
    """The least distance at which the loss is reached along any of many directions, and the moves.

    Directions fill the sphere evenly (Fibonacci); along each the first crossing is bracketed on a
    grid and found by bisection.
    """
    rays = _sphere(count)
    radii = np.linspace(0.05, farthest, 120)
    best, first = np.full(count, np.inf), np.zeros(count)
    for low, high in zip([0.0, *radii[:-1]], radii, strict=True):
        open_ = np.flatnonzero(np.isinf(best))
        reached = -gains(high * rays[open_] @ root.T) >= loss
        hit = open_[reached]
        first[hit], best[hit] = low, high
        if best.min() < high - 1.0:
            break
    near = np.flatnonzero(best <= best.min() + radii[1] - radii[0])
    low, high = first[near], best[near]
    for _ in range(50):
        middle = 0.5 * (low + high)
        enough = -gains((middle[:, None] * rays[near]) @ root.T) >= loss
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    place = int(np.argmin(high))
    return float(high[place]), high[place] * rays[near[place]] @ root.T


def _sphere(count: int) -> FloatArray:
    places = np.arange(count) + 0.5
    height = 1.0 - 2.0 * places / count
    turn = np.pi * (1.0 + np.sqrt(5.0)) * places
    flat = np.sqrt(1.0 - height**2)
    return np.stack([flat * np.cos(turn), flat * np.sin(turn), height], axis=1)
