"""Names of market conventions that terms refer to; their arithmetic is in the market room."""

from __future__ import annotations

from enum import StrEnum


class DayCount(StrEnum):
    """How a span of days becomes a fraction of a year. The value is the usual market spelling."""

    ACT_360 = "Act/360"
    ACT_365F = "Act/365F"
    ACT_ACT_ISDA = "Act/Act ISDA"
    ACT_ACT_ICMA = "Act/Act ICMA"
    THIRTY_360_US = "30/360 US"
    THIRTY_E_360 = "30E/360"
    BUS_252 = "Bus/252"


FREQUENCIES = (1, 2, 4, 12)
"""Payments a year that a schedule may have."""


def accrual_problems(*conventions: tuple[int, str]) -> list[str]:
    """What is wrong with pairs of payment frequency and day count."""
    found = []
    for frequency, day_count in conventions:
        if frequency not in FREQUENCIES:
            found.append(f"{frequency} payments a year is none of {FREQUENCIES}")
        if day_count not in list(DayCount):
            found.append(f"the day count {day_count!r} is none of {', '.join(DayCount)}")
    return found
