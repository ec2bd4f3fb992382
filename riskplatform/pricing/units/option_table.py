"""The options of a plan as columns: what a kernel needs beside annuity and floating leg."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from riskplatform.domain.instruments.rate_option import VolQuote
from riskplatform.market.curves import DAYS_PER_YEAR
from riskplatform.pricing.units.flows import NodeKind, RateOption
from riskplatform.pricing.units.layout import FloatArray, StateLayout
from riskplatform.pricing.units.skew import loaded, rate_loading


@dataclass(frozen=True, slots=True, eq=False)
class OptionTable:
    """Option i belongs to ``unit[i]``; ``annuity_row[i]`` is followed by its floating leg's row."""

    unit: NDArray[np.int64]
    annuity_row: NDArray[np.int64]
    strike: FloatArray
    sign: FloatArray
    quantity: FloatArray
    shift: FloatArray
    is_normal: NDArray[np.bool_]
    root_time: FloatArray
    volatility: FloatArray
    shift_weights: sparse.csr_matrix
    """[option, node]: how the state's shifts of volatility and skew reach each option."""
    skew_weights: sparse.csr_matrix

    def __len__(self) -> int:
        return len(self.unit)

    def placed(self, forward: FloatArray) -> OptionTable:
        """With the skew at the strikes as they stand to the forward rates of the market."""
        loading = rate_loading(forward, self.strike)
        return replace(self, shift_weights=loaded(self.shift_weights, self.skew_weights, loading))


def option_table(
    options: Sequence[tuple[int, RateOption]], layout: StateLayout, first_row: int, width: int
) -> OptionTable:
    """Options with the number of their unit."""
    each = [option for _, option in options]
    years = np.array([option.expiry / DAYS_PER_YEAR for option in each], dtype=np.float64)
    surfaces = [option.surface for option in each]
    return OptionTable(
        unit=np.array([unit for unit, _ in options], dtype=np.int64),
        annuity_row=first_row + 2 * np.arange(len(options), dtype=np.int64),
        strike=np.array([option.strike for option in each], dtype=np.float64),
        sign=np.array([1.0 if option.is_call else -1.0 for option in each], dtype=np.float64),
        quantity=np.array([option.quantity for option in each], dtype=np.float64),
        shift=np.array([option.shift for option in each], dtype=np.float64),
        is_normal=np.array([option.model is VolQuote.NORMAL for option in each], dtype=np.bool_),
        root_time=np.sqrt(np.maximum(years, 0.0)),
        volatility=np.array([option.volatility for option in each], dtype=np.float64),
        shift_weights=expiry_weights(NodeKind.VOL, surfaces, years, layout, width),
        skew_weights=expiry_weights(NodeKind.SKEW, surfaces, years, layout, width),
    )


def expiry_weights(
    kind: NodeKind, names: Sequence[str], years: FloatArray, layout: StateLayout, width: int
) -> sparse.csr_matrix:
    """[option, node]: linear in the time to expiry, flat before the first and after the last."""
    rows: list[int] = []
    places: list[int] = []
    values: list[float] = []
    for row, (name, time) in enumerate(zip(names, years.tolist(), strict=True)):
        stretch = layout.stretch(kind, name)
        last = len(stretch.times) - 1
        high = min(int(np.searchsorted(stretch.times, time)), last)
        low = max(high - 1, 0)
        span = stretch.times[high] - stretch.times[low]
        share = min(max((time - stretch.times[low]) / span, 0.0), 1.0) if span else 1.0
        rows += [row, row]
        places += [stretch.first + low, stretch.first + high]
        values += [1.0 - share, share]
    matrix = sparse.csr_matrix((values, (rows, places)), shape=(len(names), width))
    matrix.sum_duplicates()
    return matrix
