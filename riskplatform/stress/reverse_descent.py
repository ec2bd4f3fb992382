"""From one start to the nearest scenario that is most likely among its neighbours.

Sequential quadratic programming in independent numbers. Where the book has no curvature this is
the iteration of Hasofer, Lind, Rackwitz and Fiessler (FORM) with the line search of Zhang and Der
Kiureghian: the loss is made linear where one stands, the shortest vector that reaches it is the
next aim, and of several steps towards the aim, revalued in full and in one batch, the best by a
merit function is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import linalg

from riskplatform.market.content import FloatArray
from riskplatform.stress.curvature import Curvature
from riskplatform.stress.least_distance import shortest, shortest_within
from riskplatform.stress.revaluer import Counted
from riskplatform.stress.reverse_space import Space
from riskplatform.stress.roots import Places

STEPS = np.array([1.0, 0.85, 0.7, 0.55, 0.4, 0.28, 0.18, 0.1, 0.05, 0.02, 0.005])
_MOST_ITERATIONS = 40
# Of the loss, and of the place: what is exact, and what is still an answer where no step is better
# any more. The distance is wrong by the square of the second, and the last step of Newton squares
# both.
_SAME = (1e-7, 1e-4)
_NEAR = (1e-4, 2e-2)
_SHARES = (1.0, 0.5, 0.2, 0.05)
MERGED = 0.05
_BINDING = 1e-7


@dataclass(frozen=True, eq=False)
class Cut:
    """A half-space ``row @ w >= least`` in which alone an answer is wanted: it lies wholly outside
    of the ball around another."""

    row: FloatArray = field(repr=False)
    least: float


@dataclass(frozen=True, eq=False)
class Descent:
    """Where a descent ended. ``slope`` is the gradient of the loss by moves there."""

    numbers: FloatArray = field(repr=False)
    loss: float
    slope: FloatArray = field(repr=False)
    converged: bool
    merged: bool = False
    iterations: int = 0


def _price(at: FloatArray, aim: FloatArray, short: float) -> float:
    """The price of missing loss above which going to the aim is worth its distance."""
    farther = 0.5 * (float(aim @ aim) - float(at @ at))
    return 2.0 * farther / short if short > 0.0 and farther > 0.0 else 0.0


class Search:
    """What all descents share: the space, the book and the loss that is to be reached."""

    def __init__(self, space: Space, book: Counted, loss: float) -> None:
        self.space, self.book, self.loss = space, book, loss

    def descend(
        self, start: FloatArray, cuts: Sequence[Cut] = (), known: Sequence[FloatArray] = ()
    ) -> Descent | None:
        """None where nothing within the bounds can be started from. A descent that runs into one
        of ``known`` answers stops there and says so."""
        at = self._within(start, cuts)
        loss = np.nan if at is None else self.book.loss(self.space.moves(at))
        if at is None or not np.isfinite(loss):
            return None
        slope = self.book.slope(self.space.moves(at))
        curvature, penalty, iteration = Curvature(self.space.root.width), 0.0, 0
        while True:
            pull = self.space.pulled(slope)
            aim = self._aim(at, loss, pull, cuts, curvature)
            if aim is None:
                return Descent(at, loss, slope, False, iterations=iteration)
            last = iteration == _MOST_ITERATIONS
            there = self._is_there(at, aim, loss, _NEAR if last else _SAME)
            if there and not last:
                at, loss = self._closer(at, aim, loss)
            if there or last:
                return Descent(at, loss, slope, there, iterations=iteration)
            multiplier = self._multiplier(aim, pull, cuts)
            penalty = max(penalty, 2.0 * multiplier, _price(at, aim, self.loss - loss))
            taken = self._step(at, aim, loss, penalty)
            if taken is None:
                there = self._is_there(at, aim, loss, _NEAR)
                return Descent(at, loss, slope, there, iterations=iteration)
            iteration += 1
            step, at, loss = taken[0] - at, *taken
            if any(np.linalg.norm(at - k) <= MERGED * np.linalg.norm(k) for k in known):
                return Descent(at, loss, slope, False, merged=True, iterations=iteration)
            slope = self.book.slope(self.space.moves(at))
            curvature.update(step, step - multiplier * (self.space.pulled(slope) - pull))

    def _is_there(
        self, at: FloatArray, aim: FloatArray, loss: float, tolerance: tuple[float, float]
    ) -> bool:
        """Whether the loss is reached, and the aim is where one stands."""
        missing, apart = tolerance
        far = float(np.linalg.norm(aim - at))
        return self.loss - loss <= missing * self.loss and far <= apart * (
            1.0 + float(np.linalg.norm(at))
        )

    def _within(self, start: FloatArray, cuts: Sequence[Cut]) -> FloatArray | None:
        """The place nearest to the start that is within the bounds and the cuts."""
        inside = self.space.inside(start)
        rows = np.array([cut.row for cut in cuts]).reshape(-1, inside.size)
        return self.space.nearest(inside, rows, np.array([cut.least for cut in cuts]))

    def _aim(
        self,
        at: FloatArray,
        loss: float,
        pull: FloatArray,
        cuts: Sequence[Cut],
        curvature: Curvature,
    ) -> FloatArray | None:
        """The best place by the picture that there is of the book here; None if bounds leave none
        that loses more."""
        middle = curvature.whitened(curvature.whitened(at))
        rows, bounds = [pull], [float(pull @ at)]
        rows += [cut.row for cut in cuts]
        bounds += [cut.least for cut in cuts]
        own = np.array(rows)
        turned = curvature.whitened(own)
        shift = own @ (middle - at)
        # In v, with w = at + H^(-1/2) v − H^(-1) at, the length is what is to be least.
        for share in _SHARES:
            wanted = np.array(bounds)
            wanted[0] += share * (self.loss - loss)
            found = self._shortest(turned, wanted + shift, at - middle, curvature)
            if found is not None:
                return np.asarray(at - middle + curvature.whitened(found))
            if loss >= self.loss:
                return None
        return None

    def _shortest(
        self, rows: FloatArray, bounds: FloatArray, base: FloatArray, curvature: Curvature
    ) -> FloatArray | None:
        if not self.space.is_bounded:
            return shortest(rows, bounds)

        def others(places: Places) -> FloatArray:
            return curvature.whitened(self.space.rows(places))

        def left(numbers: FloatArray) -> FloatArray:
            return self.space.slack(base + curvature.whitened(numbers))

        return shortest_within(rows, bounds, others, left)

    def _closer(self, at: FloatArray, aim: FloatArray, loss: float) -> tuple[FloatArray, float]:
        """The last step of Newton: for a smooth book it is right to twice as many digits."""
        found = self.book.loss(self.space.moves(aim))
        if abs(found - self.loss) < abs(loss - self.loss):
            return aim, found
        return at, loss

    def _multiplier(self, aim: FloatArray, pull: FloatArray, cuts: Sequence[Cut]) -> float:
        """What one more unit of loss costs in half the distance squared, at the aim."""
        bound = np.empty((0, aim.size))
        if self.space.is_bounded:
            binding = np.flatnonzero(self.space.slack(aim) <= _BINDING)
            bound = self.space.rows(binding)
        binds = [c.row for c in cuts if float(c.row @ aim) <= c.least + _BINDING]
        rows = np.vstack([pull, *binds, bound])
        sizes = np.linalg.norm(rows, axis=1, keepdims=True)
        units = rows / np.where(sizes > 0.0, sizes, 1.0)
        shares = linalg.lstsq(units.T, aim)[0]
        return max(float(shares[0] / sizes[0, 0]), 0.0) if sizes[0, 0] > 0.0 else 0.0

    def _step(
        self, at: FloatArray, aim: FloatArray, loss: float, penalty: float
    ) -> tuple[FloatArray, float] | None:
        """The best of several steps by the merit; None where none is better than staying."""
        places = at + STEPS[:, None] * (aim - at)
        losses = self.book.losses(self.space.moves(places))
        merits = self._merit(places, losses, penalty)
        best = int(np.argmin(merits))
        now = float(self._merit(at[None, :], np.array([loss]), penalty)[0])
        if not merits[best] < now * (1.0 - 1e-15):
            return None
        return places[best], float(losses[best])

    def _merit(self, places: FloatArray, losses: FloatArray, penalty: float) -> FloatArray:
        """Half the distance squared, and what is missing of the loss by its price."""
        short = np.maximum(self.loss - losses, 0.0)
        merit = 0.5 * np.sum(places**2, axis=1) + penalty * short
        return np.where(np.isfinite(losses), merit, np.inf)
