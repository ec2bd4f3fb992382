"""The common grid of days: every Monday to Friday since the first day of the synthetic market.

Exchange holidays are not taken out: all series are levels, so who wants the closings of one
exchange drops the rows on which its calendar is closed and loses no move.
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from riskplatform.errors import UserInputError
from riskplatform.market.synthetic.streams import FloatArray

DateArray = NDArray[np.datetime64]

FIRST_DAY = date(2016, 1, 4)
FEWEST_DAYS = 2


def business_days(as_of: date) -> DateArray:
    """Monday to Friday from the first day through ``as_of`` (the Friday before on a weekend)."""
    days = np.arange(np.datetime64(FIRST_DAY), np.datetime64(as_of) + np.timedelta64(1, "D"))
    weekdays = days[np.is_busday(days)]
    if weekdays.size < FEWEST_DAYS:
        raise UserInputError(
            f"The synthetic market was asked for {as_of}; it begins on {FIRST_DAY}.",
            hint="Ask for an as-of date of 2016-01-05 or later.",
        )
    return weekdays


def first_business_days(count: int) -> DateArray:
    """The first ``count`` days of the grid."""
    offsets = np.arange(count)
    return np.busday_offset(np.datetime64(FIRST_DAY), offsets)


def year_fractions(dates: DateArray) -> FloatArray:
    """Calendar days since the first day, over 365.25."""
    elapsed = (dates - np.datetime64(FIRST_DAY)).astype(np.float64)
    return np.asarray(elapsed / 365.25, dtype=np.float64)


def month_of(dates: DateArray) -> NDArray[np.int64]:
    """Month of each date, 1 to 12."""
    return np.asarray(dates.astype("datetime64[M]").astype(np.int64) % 12 + 1)


def business_day_of_month(dates: DateArray) -> NDArray[np.int64]:
    """1 for the first Monday-to-Friday day of its month, and so on."""
    month_starts = dates.astype("datetime64[M]").astype("datetime64[D]")
    return np.asarray(np.busday_count(month_starts, dates) + 1, dtype=np.int64)
