"""The last known price of each instrument, with its day and what was done to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from riskplatform.errors import DataError
from riskplatform.market.content import Content, DateArray, FloatArray, frozen_array


@dataclass(frozen=True, slots=True)
class PriceQuote:
    """One price: its value, the day it is from, and the rule that repaired it, if any."""

    instrument_id: str
    value: float
    quoted_on: date
    repair_rule: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PriceTable(Content):
    """Prices as columns, in the order of the instruments' ids."""

    instrument_ids: tuple[str, ...]
    values: FloatArray
    quoted_on: DateArray
    repair_rules: Mapping[str, str]
    _places: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        shape = (len(self.instrument_ids),)
        values = frozen_array(self.values, what="The column of prices", shape=shape)
        days = np.array(self.quoted_on, dtype="datetime64[D]")
        days.flags.writeable = False
        places = {name: place for place, name in enumerate(self.instrument_ids)}
        if days.shape != shape or len(places) != shape[0]:
            raise DataError("A table of prices needs one day for each, and each instrument once.")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "quoted_on", days)
        object.__setattr__(self, "_places", places)

    @classmethod
    def of(cls, prices: Mapping[str, float], quoted_on: date) -> PriceTable:
        """Prices all of one day."""
        names = tuple(sorted(prices))
        days = np.full(len(names), quoted_on, dtype="datetime64[D]")
        return cls(names, np.array([prices[name] for name in names]), days, {})

    def __contains__(self, instrument_id: object) -> bool:
        return instrument_id in self._places

    def __len__(self) -> int:
        return len(self.instrument_ids)

    def quote(self, instrument_id: str) -> PriceQuote:
        """The price of one instrument; ``KeyError`` when it has none."""
        place = self._places[instrument_id]
        return PriceQuote(
            instrument_id,
            float(self.values[place]),
            self.quoted_on[place].item(),
            self.repair_rules.get(instrument_id),
        )

    def take(self, instrument_ids: Sequence[str]) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Values in the order asked, and which of them are known; unknown ones are 0."""
        places = np.array([self._places.get(name, -1) for name in instrument_ids], dtype=np.intp)
        known = places >= 0
        values = np.zeros(places.size)
        values[known] = self.values[places[known]]
        return values, known

    def updated(self, prices: Mapping[str, float], quoted_on: date) -> PriceTable:
        """The table with these prices put over the old ones."""
        kept = [i for i, name in enumerate(self.instrument_ids) if name not in prices]
        rows = [(self.instrument_ids[i], float(self.values[i]), self.quoted_on[i]) for i in kept]
        rows += [(name, float(value), np.datetime64(quoted_on)) for name, value in prices.items()]
        rows.sort(key=lambda row: row[0])
        return PriceTable(
            tuple(row[0] for row in rows),
            np.array([row[1] for row in rows], dtype=np.float64),
            np.array([row[2] for row in rows], dtype="datetime64[D]"),
            {k: v for k, v in self.repair_rules.items() if k not in prices},
        )
