"""What stress asks of a book: its gains in any moves of the factors, and their slope.

Moves are rows of an array, so that many are revalued at once. A revaluer that knows no gradient
has one by differences, all of them in one batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, cast

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import DataError, UserInputError
from riskplatform.market.content import FloatArray

# Of a standard deviation: the error of a central difference is of the square of its step.
STEP = 1e-3
_ROWS_AT_ONCE = 1024


class Revaluer(Protocol):
    """A book as a function of moves. Gains are signed, in one currency, zero without a move."""

    def gains(self, moves: FloatArray) -> FloatArray:
        """[scenario] of ``moves`` [scenario, factor]."""
        ...

    def gradient(self, moves: FloatArray) -> FloatArray | None:
        """[factor] at one row of moves; None where it is not known."""
        ...


@dataclass(frozen=True, eq=False)
class LinearRevaluer:
    """Gains are exposures times moves."""

    exposures: FloatArray

    def gains(self, moves: FloatArray) -> FloatArray:
        return np.asarray(moves @ self.exposures)

    def gradient(self, moves: FloatArray) -> FloatArray | None:
        return self.exposures


@dataclass(frozen=True, eq=False)
class DeltaGammaRevaluer:
    """Gains are ``delta x + ½ x gamma x``."""

    delta: FloatArray
    gamma: FloatArray

    def gains(self, moves: FloatArray) -> FloatArray:
        return np.asarray(moves @ self.delta + 0.5 * np.sum((moves @ self.gamma) * moves, axis=1))

    def gradient(self, moves: FloatArray) -> FloatArray | None:
        return np.asarray(self.delta + moves @ self.gamma)


@dataclass(frozen=True, eq=False)
class FunctionRevaluer:
    """Gains by a plain function of moves [scenario, factor].

    A measure that must not cross a limit is one too: the gain is then minus what it rises by.
    """

    revalue: Callable[[FloatArray], FloatArray]
    slope: Callable[[FloatArray], FloatArray] | None = None

    def gains(self, moves: FloatArray) -> FloatArray:
        return np.asarray(self.revalue(moves), dtype=np.float64)

    def gradient(self, moves: FloatArray) -> FloatArray | None:
        return None if self.slope is None else np.asarray(self.slope(moves), dtype=np.float64)


@dataclass(eq=False)
class Counted:
    """A revaluer whose answers are checked and counted; the gradient is always known.

    A scenario in which the book has no value is not a number. ``deviations`` are the factors' own,
    by which steps of differences are measured; a factor with one of zero never moves.
    """

    inner: Revaluer
    deviations: FloatArray
    states: int = field(default=0, init=False)
    gradients: int = field(default=0, init=False)
    _at_rest: FloatArray | None = field(default=None, init=False, repr=False)

    def losses(self, moves: FloatArray) -> FloatArray:
        """Minus gains, a block of scenarios at a time."""
        found = [
            np.asarray(self.inner.gains(moves[start : start + _ROWS_AT_ONCE]), dtype=np.float64)
            for start in range(0, len(moves), _ROWS_AT_ONCE)
        ]
        self.states += len(moves)
        losses = -np.concatenate([*found, np.empty(0)])
        if losses.shape != (len(moves),):
            raise UserInputError(f"{len(moves)} scenarios were revalued into {losses.size} gains.")
        return losses

    def loss(self, moves: FloatArray) -> float:
        return float(self.losses(moves[None, :])[0])

    def slope(self, moves: FloatArray) -> FloatArray:
        """How the loss grows by each factor."""
        self.gradients += 1
        found = self.inner.gradient(moves)
        if found is None:
            return self._checked(self._differences(moves))
        values = self._checked(np.asarray(found, dtype=np.float64))
        if values.shape != moves.shape:
            raise UserInputError(f"A gradient of {values.size} numbers for {moves.size} factors.")
        return -values

    def slope_at_rest(self) -> FloatArray:
        """Without a move; it is asked for more than once."""
        if self._at_rest is None:
            self._at_rest = self.slope(np.zeros(self.deviations.size))
        return self._at_rest

    def _differences(self, moves: FloatArray) -> FloatArray:
        moving = np.flatnonzero(self.deviations > 0.0)
        steps = STEP * self.deviations[moving]
        slope = np.zeros(moves.size)
        half = _ROWS_AT_ONCE // 2
        for start in range(0, moving.size, half):
            part = moving[start : start + half]
            shift = np.zeros((part.size, moves.size))
            shift[np.arange(part.size), part] = steps[start : start + half]
            up, down = np.split(self.losses(np.concatenate([moves + shift, moves - shift])), 2)
            slope[part] = (up - down) / (2.0 * steps[start : start + half])
        return slope

    @staticmethod
    def _checked(values: FloatArray) -> FloatArray:
        if not np.isfinite(values).all():
            raise DataError(
                "The book has no value in some of the moves that were tried.",
                hint="Bound the factors, so that no move is beyond what can be priced.",
            )
        return values


def counted(revaluer: Revaluer | ArrayLike, deviations: FloatArray) -> Counted:
    """Any revaluer; an array is the exposures of a linear book."""
    if hasattr(revaluer, "gains"):
        return Counted(cast("Revaluer", revaluer), deviations)
    exposures = np.asarray(revaluer, dtype=np.float64)
    if exposures.shape != deviations.shape:
        raise UserInputError(f"{exposures.size} exposures do not fit {deviations.size} factors.")
    return Counted(LinearRevaluer(exposures), deviations)
