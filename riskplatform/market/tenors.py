"""Tenors ("3M", "10Y", "2W", "1D") and month arithmetic over arrays of dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from riskplatform.errors import UserInputError
from riskplatform.market.calendars import DateArray, as_dates

_PATTERN = re.compile(r"(\d+)([DWMY])")


@dataclass(frozen=True, slots=True)
class Tenor:
    """A length of time: business days, or weeks in ``calendar_days``, or months."""

    months: int = 0
    calendar_days: int = 0
    business_days: int = 0


@lru_cache(maxsize=1024)
def parse_tenor(text: str) -> Tenor:
    """``"2D"`` is business days, ``"1W"`` calendar days, ``"6M"`` and ``"10Y"`` months."""
    matched = _PATTERN.fullmatch(text.strip().upper())
    if matched is None:
        raise UserInputError(
            f"A tenor was expected, {text!r} was found.",
            hint="Write a number and D, W, M or Y, such as 3M or 10Y.",
        )
    count, unit = int(matched[1]), matched[2]
    if unit == "D":
        return Tenor(business_days=count)
    if unit == "W":
        return Tenor(calendar_days=7 * count)
    return Tenor(months=count * (12 if unit == "Y" else 1))


def tenor_years(text: str) -> float:
    """A tenor's nominal length in years, for sorting and labels, not for discounting."""
    tenor = parse_tenor(text)
    return tenor.months / 12 + tenor.calendar_days / 365 + tenor.business_days / 252


def add_months(dates: object, months: object, *, end_of_month: bool = False) -> DateArray:
    """Same day of the month, or its last day when that month is shorter.

    With ``end_of_month`` the last day of a month moves to the last day of the other.
    """
    days = as_dates(dates)
    month = days.astype("datetime64[M]")
    day_index = (days - month.astype("datetime64[D]")).astype(np.int64)
    target = month + np.asarray(months, dtype="timedelta64[M]")
    last_index = (_month_end(target) - target.astype("datetime64[D]")).astype(np.int64)
    index = np.minimum(day_index, last_index)
    if end_of_month:
        index = np.where(days == _month_end(month), last_index, index)
    return as_dates(target.astype("datetime64[D]") + index.astype("timedelta64[D]"))


def is_month_end(dates: object) -> np.ndarray:
    days = as_dates(dates)
    return np.asarray(days == _month_end(days.astype("datetime64[M]")))


def _month_end(month: np.ndarray) -> DateArray:
    return as_dates((month + 1).astype("datetime64[D]") - 1)
