"""Measures of holdings that are not sums: leverage, concentration, days to unwind.

They take quantities [..., instrument] and give one number for each row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from riskplatform.market.content import FloatArray


def leverage(held: FloatArray, sizes: FloatArray, values: FloatArray) -> FloatArray:
    """Gross over net value; without end where there is something gross and nothing net."""
    gross = np.asarray(np.abs(held) @ sizes)
    net = np.asarray(held @ values)
    endless = np.where(gross > 0.0, np.inf, 0.0)
    return np.asarray(np.divide(gross, net, out=endless, where=net > 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Gross:
    """Sizes of units added without netting; over what all is worth, where ``values`` are given."""

    sizes: FloatArray
    values: FloatArray | None = None

    def figure(self, held: FloatArray) -> FloatArray:
        if self.values is None:
            return np.asarray(np.abs(held) @ self.sizes)
        return leverage(held, self.sizes, self.values)


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Of which group each instrument is: ``sizes`` [group, instrument] of units, and the rest's.

    ``sizes`` hold groups with a name; what has none is in the whole (``all_sizes``) alone.
    """

    names: tuple[str, ...]
    sizes: sparse.csr_matrix
    all_sizes: FloatArray

    def shares(self, held: FloatArray) -> FloatArray:
        """Shares of the whole [..., group]; zero of nothing."""
        gross = np.abs(held)
        whole = np.asarray(gross @ self.all_sizes)[..., None]
        parts = np.asarray((self.sizes @ gross.T).T)
        return np.asarray(np.divide(parts, whole, out=np.zeros_like(parts), where=whole > 0.0))

    def largest(self, held: FloatArray) -> FloatArray:
        """The share of the largest group."""
        return np.asarray(self.shares(held).max(axis=-1))

    def largest_name(self, held: FloatArray) -> str | None:
        """Which it is; none where nothing held has a group."""
        shares = self.shares(held)
        largest = int(shares.argmax())
        return self.names[largest] if shares[largest] > 0.0 else None


@dataclass(frozen=True, slots=True, eq=False)
class Unwinding:
    """Selling everything at once at ``daily`` units a day of each instrument in ``places``.

    ``sizes`` are values of units without sign.
    """

    places: NDArray[np.intp]
    daily: FloatArray
    sizes: FloatArray
    share: float

    def days(self, held: FloatArray) -> FloatArray:
        """How long until ``share`` of the value of what can be sold is sold."""
        units = np.abs(held[..., self.places])
        daily, sizes = self.daily, self.sizes
        if units.ndim == 1:
            # One node alone: what it does not hold is not looked at.
            some = np.flatnonzero(units)
            units, daily, sizes = units[some], daily[some], sizes[some]
        never = np.where(units > 0.0, np.inf, 0.0)
        each = np.divide(units, daily, out=never, where=daily > 0.0)
        if self.share >= 1.0:
            return np.asarray(each.max(axis=-1, initial=0.0))
        return self._until(each, units * sizes, (units > 0.0) * (daily * sizes))

    def _until(self, each: FloatArray, worth: FloatArray, rate: FloatArray) -> FloatArray:
        """Where sold value, a line whose slope falls as instruments are done, reaches the share."""
        if not each.shape[-1]:
            return np.zeros(each.shape[:-1])
        order = np.argsort(each, axis=-1, kind="stable")
        ends, done, speed = (np.take_along_axis(x, order, axis=-1) for x in (each, worth, rate))
        done = np.cumsum(done, axis=-1)
        # What is still being sold when the k-th is done, itself included.
        left = np.cumsum(speed[..., ::-1], axis=-1)[..., ::-1]
        before = np.concatenate([np.zeros_like(done[..., :1]), done[..., :-1]], axis=-1)
        target = self.share * done[..., -1:]
        wait = np.full_like(ends, np.inf)
        np.divide(target - before, left, out=wait, where=left > 0.0)
        # The first stretch that ends no sooner than the target is reached at its speed.
        reached = (wait <= ends) | (target <= before)
        reached[..., -1] = True
        first = reached.argmax(axis=-1)[..., None]
        days = np.take_along_axis(wait, first, axis=-1)[..., 0]
        return np.where(target[..., 0] > 0.0, np.maximum(days, 0.0), 0.0)
