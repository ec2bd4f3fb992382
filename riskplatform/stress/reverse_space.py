"""The space in which the most likely scenario is the shortest vector, with its constraints.

Factors that are fixed take their share of the independent numbers out of it: what is left is
looked for at right angles to that share, so that lengths add up by Pythagoras.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import linalg

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.stress.factor_bounds import FactorBounds
from riskplatform.stress.least_distance import shortest_within
from riskplatform.stress.roots import Places, Root, missed

# Directions that fixed factors share by more than this are one direction.
_SAME = 1e-10


@dataclass(frozen=True, eq=False)
class Space:
    """Moves are ``S (offset + w)`` for w at right angles to ``taken`` [width, direction]."""

    root: Root
    bounds: FactorBounds = field(repr=False)
    deviations: FloatArray = field(repr=False)
    offset: FloatArray = field(repr=False)
    taken: FloatArray = field(repr=False)
    lower: Places = field(repr=False)
    upper: Places = field(repr=False)

    @classmethod
    def of(cls, root: Root, bounds: FactorBounds) -> Space:
        """Refused where fixed factors cannot move so, or bounds contradict what never moves."""
        deviations = root.deviations()
        still = deviations == 0.0
        offset, taken = np.zeros(root.width), np.zeros((root.width, 0))
        moving = ~still[bounds.fixed]
        if (bounds.fixed_moves[~moving] != 0.0).any() or (
            (bounds.lower[still] > 0.0) | (bounds.upper[still] < 0.0)
        ).any():
            raise UserInputError("A factor that never moves in the history is told to move.")
        if moving.any():
            places, values = bounds.fixed[moving], bounds.fixed_moves[moving]
            offset, taken = _fixed(root, places, values, deviations[places])
        active = ~still
        return cls(
            root=root,
            bounds=bounds,
            deviations=deviations,
            offset=offset,
            taken=taken,
            lower=np.flatnonzero(np.isfinite(bounds.lower) & active),
            upper=np.flatnonzero(np.isfinite(bounds.upper) & active),
        )

    def moves(self, numbers: FloatArray) -> FloatArray:
        """Of w, or of rows of them."""
        return self.root.moves(self.offset + numbers)

    def kept(self, moves: FloatArray) -> FloatArray:
        """Moves without the rounding by which they miss a bound or a fixed factor."""
        found = np.clip(moves, self.bounds.lower, self.bounds.upper)
        found[self.bounds.fixed] = self.bounds.fixed_moves
        return np.where(self.deviations > 0.0, found, 0.0)

    def pulled(self, gradient: FloatArray) -> FloatArray:
        """A gradient by moves as one by w."""
        return self.inside(self.root.pulled(gradient))

    def inside(self, numbers: FloatArray) -> FloatArray:
        """What of vectors [..., width] is at right angles to what is taken."""
        if not self.taken.shape[1]:
            return numbers
        return np.asarray(numbers - (numbers @ self.taken) @ self.taken.T)

    def length(self, numbers: FloatArray) -> float:
        """The distance of Mahalanobis of a w."""
        return float(np.linalg.norm(self.offset + numbers))

    def slack(self, numbers: FloatArray) -> FloatArray:
        """How much is left of each bound, in standard deviations; negative where it is broken."""
        moves = self.moves(numbers)
        low, high, terms = self.lower, self.upper, self.bounds
        below = (moves[low] - terms.lower[low]) / self.deviations[low]
        above = (terms.upper[high] - moves[high]) / self.deviations[high]
        return np.concatenate([below, above, (terms.rows @ moves - terms.least) / self._row_sizes])

    def rows(self, places: Places) -> FloatArray:
        """The gradients of :meth:`slack`, by w: of the bounds at some of its places."""
        found = np.zeros((len(places), self.root.size))
        first, second = self.lower.size, self.lower.size + self.upper.size
        for row, place in zip(found, places.tolist(), strict=True):
            if place < first:
                row[self.lower[place]] = 1.0 / self.deviations[self.lower[place]]
            elif place < second:
                at = self.upper[place - first]
                row[at] = -1.0 / self.deviations[at]
            else:
                row[:] = self.bounds.rows[place - second] / self._row_sizes[place - second]
        return self.pulled(found)

    @property
    def is_bounded(self) -> bool:
        return bool(self.lower.size or self.upper.size or len(self.bounds.rows))

    @property
    def _row_sizes(self) -> FloatArray:
        sizes = np.linalg.norm(self.bounds.rows * self.deviations, axis=1)
        return np.where(sizes > 0.0, sizes, 1.0)

    def nearest(
        self, numbers: FloatArray, rows: FloatArray, least: FloatArray
    ) -> FloatArray | None:
        """The w within all bounds, and with ``rows @ w >= least``, that is nearest to one; None if
        there is none within."""
        kept = not self.is_bounded or bool((self.slack(numbers) >= 0.0).all())
        if kept and (rows @ numbers >= least).all():
            return numbers
        found = shortest_within(
            rows, least - rows @ numbers, self.rows, lambda step: self.slack(numbers + step)
        )
        return None if found is None else numbers + found


def _fixed(
    root: Root, places: Places, values: FloatArray, deviations: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The shortest numbers that move factors as told, and a basis of all that would change it."""
    part = root.only(places)
    numbers = part.numbers(values)
    if missed(part, values, numbers).any():
        raise UserInputError(
            "The factors that are fixed cannot move so under the covariance: some of them always "
            "move together.",
            hint="Fix fewer of them, or at moves that go together.",
        )
    units = np.zeros((len(places), root.size))
    units[np.arange(len(places)), places] = 1.0 / deviations
    rows = root.pulled(units)
    left, singular, _ = linalg.svd(rows.T, full_matrices=False)
    return root.lifted(numbers, places), left[:, singular > _SAME * singular[0]]
