"""What a scenario that is looked for must keep to: bounds, fixed factors, other linear terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.stress.roots import Places


@dataclass(frozen=True, eq=False)
class FactorBounds:
    """By the axis of the factors: ``lower`` and ``upper`` moves, infinite where there is none;
    ``fixed`` places with their moves; ``rows @ moves >= least``."""

    lower: FloatArray = field(repr=False)
    upper: FloatArray = field(repr=False)
    fixed: Places = field(repr=False)
    fixed_moves: FloatArray = field(repr=False)
    rows: FloatArray = field(repr=False)
    least: FloatArray = field(repr=False)

    @classmethod
    def none(cls, size: int) -> Self:
        """Every factor may do anything."""
        return cls.of([str(i) for i in range(size)])

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        *,
        bounds: Mapping[str, tuple[float | None, float | None]] | None = None,
        still: Iterable[str] = (),
        fixed: Mapping[str, float] | None = None,
        least: Iterable[tuple[Mapping[str, float], float]] = (),
    ) -> Self:
        """``bounds`` are (lowest, highest) move by factor, None where there is none; ``still``
        factors do not move, ``fixed`` ones move as given; ``least`` are weights by factor and what
        the weighted sum of moves must at least be."""
        place = {name: i for i, name in enumerate(names)}

        def at(name: str) -> int:
            if name not in place:
                raise UnknownNameError("factor", name, names)
            return place[name]

        lower, upper = np.full(len(names), -np.inf), np.full(len(names), np.inf)
        for name, (low, high) in (bounds or {}).items():
            lower[at(name)] = -np.inf if low is None else low
            upper[at(name)] = np.inf if high is None else high
            if not lower[at(name)] <= upper[at(name)]:
                raise UserInputError(f"The bounds of {name} leave it nothing: {low} to {high}.")
        held = {at(name): 0.0 for name in still}
        held |= {at(name): float(move) for name, move in (fixed or {}).items()}
        order = sorted(held)
        terms = list(least)
        rows = np.zeros((len(terms), len(names)))
        for row, (weights, _) in zip(rows, terms, strict=True):
            for name, weight in weights.items():
                row[at(name)] = weight
        return cls(
            lower=lower,
            upper=upper,
            fixed=np.array(order, dtype=np.intp),
            fixed_moves=np.array([held[i] for i in order], dtype=np.float64),
            rows=rows,
            least=np.array([bound for _, bound in terms], dtype=np.float64),
        )

    @property
    def is_free(self) -> bool:
        """Whether there is nothing to keep to."""
        bounded = np.isfinite(self.lower).any() or np.isfinite(self.upper).any()
        return not (bounded or self.fixed.size or len(self.rows))
