"""VaR and ES of a node from few of its scenarios: those that any trade of its size can reach."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from riskplatform.market.content import FloatArray
from riskplatform.risk.quantiles import Tail, tail_position, tails_of_worst

_MORE = 32
"""So many scenarios at least are kept beyond those that a tail needs."""


class TailReader:
    """The tail of one view of a node. ``places`` hold more scenarios than it needs, ``near`` their
    gains; every other gain is at least ``edge``.

    Of any other gains, no scenario in the tail is better than the best of these places: so all
    others that are better need not be sorted, whatever was traded. The numbers are the same.
    """

    def __init__(self, gains: FloatArray, confidences: Sequence[float]) -> None:
        self.confidences = tuple(confidences)
        self.count = gains.size
        self.needed = max(tail_position(self.count, each) for each in self.confidences)
        self.most = self.needed + self.needed // 2 + _MORE
        self.shares = self._shares()
        self._keep(gains, np.arange(self.count, dtype=np.intp), np.inf)

    def read(self, gains: FloatArray) -> dict[float, Tail]:
        """Of any gains."""
        near = gains[gains <= gains[self.places].max()]
        if near.size < self.needed:  # a gain is no number
            return dict.fromkeys(self.confidences, Tail(np.array(np.nan), np.array(np.nan)))
        near.sort()
        return self._read_off(near)

    def with_unit(
        self, unit: FloatArray, reach: float, quantity: float
    ) -> dict[float, Tail] | None:
        """Of the gains with so much more of a unit that gains or loses ``reach`` at most. None
        where so much is traded that a scenario which is not near may come into the tail.

        Each sum is made as that of all gains is, and rounding keeps order: where it answers, the
        numbers are those of :meth:`read`.
        """
        near = quantity * unit.take(self.places)
        near += self.near
        near.sort()
        if near.item(self.needed - 1) <= self.edge - abs(quantity) * reach:
            return self._read_off(near)
        return None

    def moved(self, gains: FloatArray) -> None:
        """Keep the bound close after a change, from what the old one leaves."""
        bound = float(gains[self.places].max())
        self._keep(gains, np.flatnonzero(gains <= bound), bound)

    def _keep(self, gains: FloatArray, places: NDArray[np.intp], edge: float) -> None:
        """Of places beyond which nothing is below the edge: all, or the lowest of too many."""
        near = gains[places]
        if near.size > self.most + self.needed:
            order = np.argpartition(near, self.most)
            edge, lowest = float(near[order[self.most]]), np.sort(order[: self.most])
            places, near = places[lowest], near[lowest]
        if near.size == self.count:
            edge = np.inf
        if near.size >= self.needed:
            self.places, self.near, self.edge = places, near, edge
        else:  # a gain is no number, so nothing is known to be near
            self.places = np.argpartition(gains, self.needed - 1)[: self.needed]
            self.near, self.edge = gains[self.places], -np.inf

    def _read_off(self, near: FloatArray) -> dict[float, Tail]:
        numbers = iter(self.shares.dot(near[: self.needed]).tolist())
        return {each: Tail(next(numbers), next(numbers)) for each in self.confidences}

    def _shares(self) -> FloatArray:
        """By how much each of the worst gains counts in each VaR and ES, both of which are sums
        over them: how the rule's own numbers grow when one more loss is 1 and the rest are 0."""
        steps = np.tril(np.ones((self.needed, self.needed)))
        numbers = np.array(tails_of_worst(steps, self.count, self.confidences))
        return -np.diff(numbers.reshape(-1, self.needed), axis=1, prepend=0.0)
