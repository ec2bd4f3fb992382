"""Marks by instrument and row, and on which rows a feed delivered them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from riskplatform.demofirm.stage import Item
from riskplatform.pricing.formulas.arrays import BoolArray, FloatArray


@dataclass(frozen=True)
class Series:
    """Marks of one instrument from row ``first`` on; ``is_quoted`` where one was delivered."""

    first: int
    values: FloatArray
    is_quoted: BoolArray

    @property
    def last(self) -> int:
        return self.first + self.values.size - 1


class MarkBook:
    """The marks of all instruments."""

    def __init__(self) -> None:
        self._series: dict[str, Series] = {}

    def add(self, item: Item, values: FloatArray, is_open: BoolArray) -> None:
        """Marks on every row of ``item``, delivered on those of ``is_open`` (all rows)."""
        values = np.asarray(values, dtype=np.float64)
        if values.size != item.last - item.first + 1 or not np.isfinite(values).all():
            raise AssertionError(f"marks of {item.id} do not cover its rows with numbers")
        # Adding zero turns a rounded −0.0 into 0.0.
        self._series[item.id] = Series(
            item.first, values + 0.0, is_open[item.first : item.last + 1].copy()
        )

    def replace(self, instrument_id: str, series: Series) -> None:
        """Put other marks in the place of those of an instrument."""
        self._series[instrument_id] = series

    def __contains__(self, instrument_id: str) -> bool:
        return instrument_id in self._series

    def __iter__(self) -> Iterator[tuple[str, Series]]:
        return iter(self._series.items())

    def of(self, instrument_id: str) -> Series:
        return self._series[instrument_id]

    def at(self, instrument_id: str, row: int) -> float:
        """The mark on a row, delivered or not."""
        series = self._series[instrument_id]
        return float(series.values[row - series.first])

    def price(self, instrument_id: str, row: int) -> Decimal:
        """The mark on a row as an exact decimal."""
        return exact(self.at(instrument_id, row))

    def is_quoted(self, instrument_id: str, row: int) -> bool:
        series = self._series[instrument_id]
        inside = series.first <= row <= series.last
        return inside and bool(series.is_quoted[row - series.first])

    def next_quoted(self, instrument_id: str, row: int) -> int | None:
        """The first row on or after ``row`` with a delivered mark."""
        series = self._series[instrument_id]
        start = max(row - series.first, 0)
        ahead = np.flatnonzero(series.is_quoted[start:])
        return series.first + start + int(ahead[0]) if ahead.size else None


def exact(number: float) -> Decimal:
    """The decimal that a rounded float was meant to be, with at most nine decimals."""
    return Decimal(repr(round(number, 9))).quantize(Decimal("1e-9")).normalize() + 0
