"""Atoms (a discount factor, a survival chance, a price of currency) and products of them.

An atom is one row of weights on the numbers of a state, a product one row of powers of atoms.
Equal products are one column, and a start that meets the end before it cancels. Both are put into
one order at the end, which does not depend on the units of the plan: a unit's sums are then made
in the same order in any company, and come out the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from riskplatform.market.curves import DAYS_PER_YEAR
from riskplatform.market.interpolation import Interpolation, node_weights
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.pricing.units.layout import FloatArray, StateLayout, Stretch

Atom = tuple[NodeKind, str, float]
Power = tuple[int, float]
Places = NDArray[np.int64]
CubicAtoms = tuple[Stretch, Interpolation, FloatArray]


class Columns:
    """Grows while a plan is made, in the order of its flows; see ``atom_places``."""

    def __init__(self, layout: StateLayout) -> None:
        self._layout = layout
        self._atoms: dict[Atom, int] = {}
        self._products: dict[tuple[Power, ...], int] = {(): 0}

    def discount(self, curve: str, day: float, power: float = 1.0) -> tuple[Power, ...]:
        """Worth on the day of the state of 1 paid on ``day``; one, when that is over."""
        return self._power((NodeKind.ZERO, curve, day), power) if day > 0 else ()

    def survival(self, credit: str, day: float) -> tuple[Power, ...]:
        return self._power((NodeKind.HAZARD, credit, day), 1.0) if day > 0 else ()

    def exchange(self, bought: str, sold: str) -> tuple[Power, ...]:
        """Units of the sold currency for one of the bought."""
        return (
            *self._power((NodeKind.FX, bought, 0.0), 1.0),
            *self._power((NodeKind.FX, sold, 0.0), -1.0),
        )

    def node(self, kind: NodeKind, name: str, day: float = 0.0) -> tuple[Power, ...]:
        """exp of a number of the state: a price, a basis, or what a yield takes off until a day."""
        return self._power((kind, name, day), 1.0) if day > 0 or kind is not NodeKind.CARRY else ()

    def product(self, powers: Iterable[Power]) -> int:
        """The column of a product, made when it is new."""
        key = tuple(powers)
        if len(key) > 1:
            total: dict[int, float] = {}
            for atom, power in key:
                total[atom] = total.get(atom, 0.0) + power
            key = tuple(sorted((atom, power) for atom, power in total.items() if power))
        return self._products.setdefault(key, len(self._products))

    def _power(self, atom: Atom, power: float) -> tuple[Power, ...]:
        return ((self._atoms.setdefault(atom, len(self._atoms)), power),)

    def atom_places(self) -> Places:
        """Where each atom stands when they are sorted."""
        return _places(list(self._atoms))

    def product_places(self) -> Places:
        """Where each product stands when they are sorted by their atoms; the number one is 0."""
        return _places(self._sorted_keys())

    def products_by_atom(self) -> sparse.csr_matrix:
        """Powers [column, atom], both sorted."""
        keys = sorted(self._sorted_keys())
        triples = [(column, atom, power) for column, key in enumerate(keys) for atom, power in key]
        return _matrix(triples, (len(self._products), len(self._atoms)))

    def _sorted_keys(self) -> list[tuple[Power, ...]]:
        """The products in the order they came, by sorted atoms."""
        places = self.atom_places().tolist()
        return [
            tuple(sorted((places[atom], power) for atom, power in key)) for key in self._products
        ]

    def atom_weights(self) -> tuple[sparse.csr_matrix, list[CubicAtoms]]:
        """Weights [atom, node] whose sum is an atom's logarithm; atoms are sorted.

        Curves without weights get one extra node for each of their atoms, behind the state.
        """
        groups: dict[tuple[NodeKind, str], tuple[list[int], list[float]]] = {}
        for number, (kind, name, day) in enumerate(sorted(self._atoms)):
            numbers, days = groups.setdefault((kind, name), ([], []))
            numbers.append(number)
            days.append(day)
        triples: list[tuple[int, int, float]] = []
        cubics: list[CubicAtoms] = []
        width = self._layout.size
        for (kind, name), (numbers, days) in groups.items():
            stretch = self._layout.stretch(kind, name)
            times = np.array(days) / DAYS_PER_YEAR
            if stretch.interpolation is Interpolation.MONOTONE_CUBIC_LOG_DISCOUNT:
                triples += [(number, width + k, 1.0) for k, number in enumerate(numbers)]
                cubics.append((stretch, stretch.interpolation, times))
                width += len(numbers)
            else:
                dense = stretch_weights(stretch, times)
                rows, nodes = np.nonzero(dense)
                triples += [
                    (numbers[row], stretch.first + node, dense[row, node])
                    for row, node in zip(rows.tolist(), nodes.tolist(), strict=True)
                ]
        return _matrix(triples, (len(self._atoms), width)), cubics


def _places(items: Sequence[Any]) -> Places:
    """The place of each item among them sorted."""
    places = np.empty(len(items), dtype=np.int64)
    places[sorted(range(len(items)), key=items.__getitem__)] = np.arange(len(items))
    return places


def stretch_weights(stretch: Stretch, times: FloatArray) -> FloatArray:
    """Weights [time, node] of the logarithms at ``times``."""
    size = len(stretch.times)
    dense = np.zeros((len(times), size))
    rows = np.arange(len(times))
    if stretch.kind in (NodeKind.FX, NodeKind.SPOT, NodeKind.BASIS):
        return np.ones((len(times), 1))
    if stretch.kind is NodeKind.CARRY:
        return _carry_weights(stretch.times, times)
    if stretch.kind is NodeKind.HAZARD:
        starts = np.concatenate([[0.0], stretch.times[:-1]])
        # The last hazard rate goes on for ever.
        widths = np.concatenate([np.diff(stretch.times, prepend=0.0)[:-1], [np.inf]])
        return np.asarray(-np.clip(times[:, None] - starts, 0.0, widths))
    assert stretch.interpolation is not None
    weights = node_weights(stretch.interpolation, stretch.times, times)
    np.add.at(dense, (rows, weights.low), weights.at_low)
    np.add.at(dense, (rows, weights.high), weights.at_high)
    return dense


def _carry_weights(nodes: FloatArray, times: FloatArray) -> FloatArray:
    """Of minus yield × time: linear between nodes, the yield flat before and after them."""
    high = np.clip(np.searchsorted(nodes, times), 0, len(nodes) - 1)
    low = np.maximum(high - 1, 0)
    inside = np.clip(times, nodes[0], nodes[-1])
    span = np.where(high > low, nodes[high] - nodes[low], 1.0)
    share = np.where(high > low, (inside - nodes[low]) / span, 1.0)
    dense = np.zeros((len(times), len(nodes)))
    rows, stretch = np.arange(len(times)), times / inside
    np.add.at(dense, (rows, low), -(1.0 - share) * nodes[low] * stretch)
    np.add.at(dense, (rows, high), -share * nodes[high] * stretch)
    return dense


def _matrix(triples: list[tuple[int, int, float]], shape: tuple[int, int]) -> sparse.csr_matrix:
    rows, places, values = zip(*triples, strict=True) if triples else ((), (), ())
    indices = (np.array(rows, dtype=np.int64), np.array(places, dtype=np.int64))
    return sparse.csr_matrix((np.array(values, dtype=np.float64), indices), shape=shape)
