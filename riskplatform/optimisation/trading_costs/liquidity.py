"""What a cost model must know of each market: the worth of a unit, its volatility and volume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.market.content import Content, FloatArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Liquidity(Content):
    """One number per instrument, not a number where it is not known.

    ``unit_values`` are in the base currency (price × multiplier × exchange rate, without sign),
    ``volatilities`` of a day as shares of the price (0.02 is 2 %), ``daily_volumes`` and
    ``outstanding`` in units. Spreads and borrow fees that are known here go before the model's;
    ``groups`` are what the model may have other terms for, such as kinds.
    """

    instrument_ids: tuple[str, ...]
    unit_values: FloatArray
    volatilities: FloatArray
    daily_volumes: FloatArray
    half_spreads_bp: FloatArray | None = None
    borrow_bp: FloatArray | None = None
    outstanding: FloatArray | None = None
    groups: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        count = len(self.instrument_ids)
        if len(set(self.instrument_ids)) != count:
            raise UserInputError("An instrument appears twice.", hint="Name each once.")
        if self.groups is not None and len(self.groups) != count:
            raise UserInputError(f"{len(self.groups)} groups for {count} instruments.")
        for name in ("unit_values", "volatilities", "daily_volumes", "half_spreads_bp",
                     "borrow_bp", "outstanding"):  # fmt: skip
            values = getattr(self, name)
            if values is not None:
                object.__setattr__(self, name, self._column(name, values))

    def column(self, name: str) -> FloatArray:
        """By name; all unknown where nothing was given."""
        found: FloatArray | None = getattr(self, name)
        return np.full(len(self.instrument_ids), np.nan) if found is None else found

    def chosen(self, instrument_ids: Sequence[str]) -> Liquidity:
        """Of these instruments in this order; of one that is not here nothing is known."""
        place = {name: i for i, name in enumerate(self.instrument_ids)}
        at = [place.get(name, -1) for name in instrument_ids]

        def taken(values: FloatArray | None) -> FloatArray | None:
            return None if values is None else np.append(values, np.nan)[at]

        groups = None if self.groups is None else tuple((*self.groups, "")[i] for i in at)
        return Liquidity(
            instrument_ids=tuple(instrument_ids),
            unit_values=np.append(self.unit_values, np.nan)[at],
            volatilities=np.append(self.volatilities, np.nan)[at],
            daily_volumes=np.append(self.daily_volumes, np.nan)[at],
            half_spreads_bp=taken(self.half_spreads_bp),
            borrow_bp=taken(self.borrow_bp),
            outstanding=taken(self.outstanding),
            groups=groups,
        )

    def _column(self, name: str, values: ArrayLike) -> FloatArray:
        column = np.array(values, dtype=np.float64)
        if column.shape != (len(self.instrument_ids),):
            message = f"{name}: shape {column.shape} for {len(self.instrument_ids)} instruments."
            raise UserInputError(message)
        if (column < 0.0).any() or np.isinf(column).any():
            raise UserInputError(f"{name} holds a number below 0, or one without end.")
        column.flags.writeable = False
        return column
