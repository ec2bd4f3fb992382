"""A programme while it is being written: constraints add columns, bounds and rows to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from riskplatform.errors import UnknownNameError
from riskplatform.factors.covariance.matrices import CovarianceMatrix
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.convex.program import (
    AT_MOST,
    EQUAL,
    SECOND_ORDER,
    Block,
    Hinge,
    Part,
    Places,
    Program,
)
from riskplatform.optimisation.inputs import Inputs


class Draft:
    """Starts with one free column per asset of the inputs."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.assets = len(inputs.asset_ids)
        self._places = {name: i for i, name in enumerate(inputs.asset_ids)}
        self._excluded = {failure.subject for failure in inputs.excluded}
        self._lower = [-np.inf] * self.assets
        self._upper = [np.inf] * self.assets
        self._lower_of, self._upper_of = [""] * self.assets, [""] * self.assets
        self._linear = [0.0] * self.assets
        self._blocks: list[Block] = []
        self._hinges: list[Hinge] = []
        self._integers: list[int] = []

    @property
    def current(self) -> FloatArray:
        """Weights before trading; nothing is held where none are given."""
        found = self.inputs.current
        return np.zeros(self.assets) if found is None else found

    def places(self, assets: Iterable[str] | None, what: str) -> Places:
        """Columns of named assets, of all where none are named; excluded ones are passed over."""
        if assets is None:
            return np.arange(self.assets)
        found = []
        for name in assets:
            if name in self._places:
                found.append(self._places[name])
            elif name not in self._excluded:
                raise UnknownNameError(f"asset of {what}", name, self._places)
        return np.array(found, dtype=np.intp)

    def spread(self, values: Mapping[str, float], missing: float) -> FloatArray:
        """One number per column; of assets that are not here there is none."""
        return np.array([values.get(name, missing) for name in self.inputs.asset_ids])

    def add_columns(
        self, count: int, low: float = 0.0, high: float = np.inf, *, is_integer: bool = False
    ) -> int:
        """Helpers; where they start."""
        first = len(self._linear)
        self._lower += [low] * count
        self._upper += [high] * count
        self._lower_of += [""] * count
        self._upper_of += [""] * count
        self._linear += [0.0] * count
        if is_integer:
            self._integers += range(first, first + count)
        return first

    def bound(
        self, constraint: str, places: Places, low: ArrayLike = -np.inf, high: ArrayLike = np.inf
    ) -> None:
        """The tightest bound of several is kept, with the name of its constraint."""
        lows = np.broadcast_to(np.asarray(low, dtype=float), places.shape)
        highs = np.broadcast_to(np.asarray(high, dtype=float), places.shape)
        for place, least, most in zip(places.tolist(), lows, highs, strict=True):
            if least > self._lower[place]:
                self._lower[place], self._lower_of[place] = float(least), constraint
            if most < self._upper[place]:
                self._upper[place], self._upper_of[place] = float(most), constraint

    def between(self, constraint: str, row: ArrayLike, low: float, high: float) -> None:
        """low ≤ a·w ≤ high as one equality, or as one row for each end that is there."""
        matrix = np.atleast_2d(np.asarray(row, dtype=float))
        if low == high:
            self._add(constraint, [Part(0, matrix)], [low], EQUAL, [f"{constraint} at {low:g}"])
            return
        for sign, end, word in ((1.0, high, "most"), (-1.0, low, "least")):
            if np.isfinite(end):
                name = f"{constraint} at {word} {end:g}"
                self._add(constraint, [Part(0, sign * matrix)], [sign * end], AT_MOST, [name])

    def at_most(
        self,
        constraint: str,
        parts: Sequence[Part],
        bound: ArrayLike,
        names: Sequence[str] = (),
        *,
        is_limit: bool = True,
    ) -> None:
        """A x ≤ b."""
        self._add(constraint, parts, bound, AT_MOST, names, is_limit)

    def equal(
        self, constraint: str, parts: Sequence[Part], bound: ArrayLike, *, is_limit: bool = True
    ) -> None:
        """A x = b."""
        self._add(constraint, parts, bound, EQUAL, (), is_limit)

    def cone(
        self,
        constraint: str,
        parts: Sequence[Part],
        bound: ArrayLike,
        kind: str = SECOND_ORDER,
        name: str = "",
        *,
        is_limit: bool = True,
        unit: float = 1.0,
    ) -> None:
        """b - A x in the cone; of a second order its first row is at least the length of others."""
        names = [name or constraint] * len(np.asarray(bound))
        self._add(constraint, parts, bound, kind, names, is_limit, unit)

    def hinge(
        self,
        constraint: str,
        parts: Sequence[Part],
        bound: ArrayLike,
        *,
        is_two_sided: bool = False,
    ) -> int:
        """Helpers z ≥ a·x - b, z ≥ 0, and of two sides z ≥ |a·x - b|; where they start."""
        bounds = np.asarray(bound, dtype=float)
        count = len(bounds)
        first = self.add_columns(count)
        less = Part(first, sparse.csr_array(-sparse.eye_array(count)))
        start = len(self._blocks)
        self.at_most(constraint, [*parts, less], bounds, is_limit=False)
        if is_two_sided:
            other = [Part(place, -matrix) for place, matrix in parts]
            self.at_most(constraint, [*other, less], -bounds, is_limit=False)
        self._hinges.append(Hinge(tuple(range(start, len(self._blocks))), first, count))
        return first

    def pull(self, first: int, values: ArrayLike) -> None:
        """Add to the linear part of what is made least."""
        for place, value in enumerate(np.atleast_1d(np.asarray(values, dtype=float)), start=first):
            self._linear[place] += float(value)

    def finished(self, covariance: CovarianceMatrix | None = None, risk: float = 0.0) -> Program:
        return Program(
            assets=self.assets,
            linear=np.array(self._linear),
            lower=np.array(self._lower),
            upper=np.array(self._upper),
            lower_of=tuple(self._lower_of),
            upper_of=tuple(self._upper_of),
            blocks=tuple(self._blocks),
            covariance=covariance,
            risk=risk,
            hinges=tuple(self._hinges),
            integers=np.array(self._integers, dtype=np.intp) if self._integers else None,
            asset_ids=self.inputs.asset_ids,
        )

    def _add(
        self,
        constraint: str,
        parts: Sequence[Part],
        bound: ArrayLike,
        cone: str,
        names: Sequence[str],
        is_limit: bool = True,
        unit: float = 1.0,
    ) -> None:
        values = np.atleast_1d(np.asarray(bound, dtype=float))
        made = Block(constraint, tuple(parts), values, cone, tuple(names), is_limit, unit)
        self._blocks.append(made)
