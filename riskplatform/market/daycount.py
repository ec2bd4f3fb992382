"""Day-count conventions: the fraction of a year between dates, for scalars and arrays alike.

``year_fractions`` is vectorised; ``year_fraction`` is the same for two dates.
Act/Act ICMA needs the coupon period, Bus/252 a calendar; the others need only the dates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from riskplatform.domain.conventions import DayCount
from riskplatform.errors import TermsError, UnknownNameError
from riskplatform.market.calendars import BusinessCalendar, DateArray, as_dates
from riskplatform.market.tenors import add_months

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CouponPeriod:
    """The regular coupon period that Act/Act ICMA measures by, as arrays or scalars."""

    start: object
    end: object
    months: int


def day_count(name: str) -> DayCount:
    """The convention of that spelling; unknown names get the nearest ones suggested."""
    by_folded = {convention.value.casefold(): convention for convention in DayCount}
    if (found := by_folded.get(name.casefold())) is None:
        raise UnknownNameError("day count", name, [convention.value for convention in DayCount])
    return found


def year_fraction(
    convention: DayCount,
    start: date,
    end: date,
    *,
    period: CouponPeriod | None = None,
    calendar: BusinessCalendar | None = None,
) -> float:
    """Years from ``start`` to ``end``; negative when ``end`` comes first."""
    return float(year_fractions(convention, start, end, period=period, calendar=calendar))


def year_fractions(
    convention: DayCount,
    starts: object,
    ends: object,
    *,
    period: CouponPeriod | None = None,
    calendar: BusinessCalendar | None = None,
) -> FloatArray:
    """Years from each start to each end, broadcast over arrays of dates."""
    first, last = as_dates(starts), as_dates(ends)
    if convention is DayCount.ACT_ACT_ICMA:
        return _act_act_icma(first, last, period)
    if convention is DayCount.BUS_252:
        return _bus_252(first, last, calendar)
    return _BY_DATES[convention](first, last)


def _days(first: DateArray, last: DateArray) -> FloatArray:
    return (last - first).astype(np.int64).astype(np.float64)


def _year_month_day(days: DateArray) -> tuple[IntArray, IntArray, IntArray]:
    month = days.astype("datetime64[M]")
    number = month.astype(np.int64)
    day = (days - month.astype("datetime64[D]")).astype(np.int64) + 1
    return 1970 + number // 12, number % 12 + 1, day


def _act_act_isda(first: DateArray, last: DateArray) -> FloatArray:
    """Days in leap years over 366, the other days over 365."""
    return _years_since_epoch(last) - _years_since_epoch(first)


def _years_since_epoch(days: DateArray) -> FloatArray:
    year = days.astype("datetime64[Y]")
    start = year.astype("datetime64[D]")
    length = (year + 1).astype("datetime64[D]") - start
    share = (days - start).astype(np.float64) / length.astype(np.float64)
    return np.asarray(year.astype(np.int64) + share, dtype=np.float64)


def _thirty_360_us(first: DateArray, last: DateArray) -> FloatArray:
    """SIA rule: the last days of February count as the 30th."""
    year1, month1, day1 = _year_month_day(first)
    year2, month2, day2 = _year_month_day(last)
    first_is_february_end = (month1 == 2) & _is_month_end(first)
    last_is_february_end = (month2 == 2) & _is_month_end(last)
    day2 = np.where(first_is_february_end & last_is_february_end, 30, day2)
    day1 = np.where(first_is_february_end, 30, day1)
    day2 = np.where((day2 == 31) & (day1 >= 30), 30, day2)
    day1 = np.minimum(day1, 30)
    return _thirty_360(year2 - year1, month2 - month1, day2 - day1)


def _thirty_e_360(first: DateArray, last: DateArray) -> FloatArray:
    year1, month1, day1 = _year_month_day(first)
    year2, month2, day2 = _year_month_day(last)
    return _thirty_360(year2 - year1, month2 - month1, np.minimum(day2, 30) - np.minimum(day1, 30))


def _thirty_360(years: IntArray, months: IntArray, days: IntArray) -> FloatArray:
    return np.asarray((360 * years + 30 * months + days) / 360.0, dtype=np.float64)


def _is_month_end(days: DateArray) -> npt.NDArray[np.bool_]:
    return np.asarray((days + 1).astype("datetime64[M]") != days.astype("datetime64[M]"))


def _bus_252(first: DateArray, last: DateArray, calendar: BusinessCalendar | None) -> FloatArray:
    if calendar is None:
        raise TermsError(
            "Bus/252 was asked without a calendar.",
            hint="Give calendar=business_calendar(...), such as BVMF.",
        )
    forward = calendar.count_business_days(np.minimum(first, last), np.maximum(first, last))
    return np.asarray(np.where(first <= last, forward, -forward) / 252.0, dtype=np.float64)


def _act_act_icma(first: DateArray, last: DateArray, period: CouponPeriod | None) -> FloatArray:
    """Days over the days of the coupon period, times its share of a year.

    Where the dates leave the given period (a long stub) they are measured by the notional
    periods before or after it.
    """
    if period is None or period.months <= 0:
        raise TermsError(
            "Act/Act ICMA was asked without a coupon period.",
            hint="Give period=CouponPeriod(start, end, months), such as 6 months for semi-annual.",
        )
    start, end = as_dates(period.start), as_dates(period.end)
    if (end <= start).any():
        raise TermsError("The coupon period of Act/Act ICMA ends before it starts.")
    total = _overlap_share(first, last, start, end)
    later_start, steps = end, 1
    while (last > later_start).any():
        later_end = add_months(end, steps * period.months)
        total = total + _overlap_share(first, last, later_start, later_end)
        later_start, steps = later_end, steps + 1
    earlier_end, steps = start, 1
    while (first < earlier_end).any():
        earlier_start = add_months(start, -steps * period.months)
        total = total + _overlap_share(first, last, earlier_start, earlier_end)
        earlier_end, steps = earlier_start, steps + 1
    return np.asarray(total * period.months / 12.0, dtype=np.float64)


def _overlap_share(
    first: DateArray, last: DateArray, start: DateArray, end: DateArray
) -> FloatArray:
    covered = _days(np.maximum(first, start), np.minimum(last, end))
    return np.maximum(covered, 0.0) / _days(start, end)


_BY_DATES: dict[DayCount, Callable[[DateArray, DateArray], FloatArray]] = {
    DayCount.ACT_360: lambda first, last: _days(first, last) / 360.0,
    DayCount.ACT_365F: lambda first, last: _days(first, last) / 365.0,
    DayCount.ACT_ACT_ISDA: _act_act_isda,
    DayCount.THIRTY_360_US: _thirty_360_us,
    DayCount.THIRTY_E_360: _thirty_e_360,
}
