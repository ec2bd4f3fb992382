"""Published values of an index by date: what a floating coupon or a settlement looks back at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from riskplatform.errors import DataError, MissingDataError
from riskplatform.market.content import Content, DateArray, FloatArray, frozen_array


@dataclass(frozen=True, slots=True, eq=False)
class FixingSeries(Content):
    """The fixings of one index in the order of their dates."""

    index_id: str
    dates: DateArray
    values: FloatArray

    def __post_init__(self) -> None:
        dates = np.array(self.dates, dtype="datetime64[D]")
        if dates.ndim != 1 or (dates.size > 1 and not (np.diff(dates).astype(int) > 0).all()):
            raise DataError(
                f"The fixings of {self.index_id} are not in strict order of date.",
                hint="Sort them and keep one value for each date.",
            )
        dates.flags.writeable = False
        object.__setattr__(self, "dates", dates)
        what = f"The fixings of {self.index_id}"
        object.__setattr__(self, "values", frozen_array(self.values, what=what, shape=dates.shape))

    @classmethod
    def from_mapping(cls, index_id: str, values: Mapping[date, float]) -> FixingSeries:
        days = sorted(values)
        return cls(
            index_id, np.array(days, dtype="datetime64[D]"), np.array([values[d] for d in days])
        )

    def on(self, day: date, *, needed_by: str | None = None) -> float:
        """The value fixed on exactly ``day``."""
        place = int(np.searchsorted(self.dates, np.datetime64(day)))
        if place < self.dates.size and self.dates[place] == np.datetime64(day):
            return float(self.values[place])
        raise self._missing(f"on {day}", needed_by)

    def last(self, on_or_before: date, *, needed_by: str | None = None) -> tuple[date, float]:
        """The latest date and value not after ``on_or_before``."""
        place = int(np.searchsorted(self.dates, np.datetime64(on_or_before), side="right")) - 1
        if place >= 0:
            return _as_date(self.dates[place]), float(self.values[place])
        raise self._missing(f"on or before {on_or_before}", needed_by)

    def until(self, day: date) -> FixingSeries:
        """The part known by the end of ``day``."""
        count = int(np.searchsorted(self.dates, np.datetime64(day), side="right"))
        return FixingSeries(self.index_id, self.dates[:count], self.values[:count])

    def _missing(self, when: str, needed_by: str | None) -> MissingDataError:
        who = f"{needed_by} needs the fixing" if needed_by else "The fixing"
        if self.dates.size:
            found = f"{self.dates.size} fixings from {self.dates[0]} to {self.dates[-1]} are known."
        else:
            found = "No fixing of this index is known."
        return MissingDataError(
            f"{who} of {self.index_id} {when}, which is absent.",
            hint=f"{found} Load the missing one.",
        )


def _as_date(value: np.datetime64) -> date:
    return date(1970, 1, 1) + timedelta(days=int(value.astype("datetime64[D]").astype(int)))
