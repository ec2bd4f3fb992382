"""Business calendars of exchanges and settlement centres, scalar and vectorised.

``business_calendar("XNYS")`` is an exchange (from ``exchange_calendars``), ``"TARGET"`` or
``"USNY"`` a settlement centre by rule, ``"TARGET+USNY"`` days on which both are open. Every
calendar knows its first and last date and refuses a date outside. Exchange calendars take about
0.1 to 0.3 s each to build (XKRX 1 to 4 s), so they are built when first asked for and kept,
also between runs.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache, partial

import numpy as np
import numpy.typing as npt

from riskplatform.errors import MissingDataError, UnknownNameError
from riskplatform.market.calendar_cache import Sessions, cached_sessions
from riskplatform.market.settlement_holidays import SETTLEMENT_RULES

DateArray = npt.NDArray[np.datetime64]
BoolArray = npt.NDArray[np.bool_]

# Exchange rules are projected to 2049, where the lunar tables of Asia end; the rules of
# settlement centres reach far enough for a 50-year swap.
FIRST_DATE = date(1990, 1, 1)
LAST_EXCHANGE_DATE = date(2049, 12, 31)
LAST_SETTLEMENT_DATE = date(2099, 12, 31)
# Tokyo's equinox holidays are listed by the source only so far, and silently absent after.
LAST_LISTED = {"XTKS": date(2040, 12, 31)}


class Adjustment(StrEnum):
    """What to do with a date that is not a business day."""

    NONE = "none"
    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified following"
    PRECEDING = "preceding"


_NUMPY_ROLL = {
    Adjustment.FOLLOWING: "following",
    Adjustment.MODIFIED_FOLLOWING: "modifiedfollowing",
    Adjustment.PRECEDING: "preceding",
}


def as_dates(dates: object) -> DateArray:
    """Anything date-like as an array of ``datetime64[D]``."""
    return np.asarray(dates, dtype="datetime64[D]")


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Business days between two dates. The plural methods take and return arrays."""

    name: str
    first_date: date
    last_date: date
    weekmask: tuple[bool, ...]
    holidays: DateArray = field(repr=False, compare=False)
    _days: np.busdaycalendar = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.holidays.setflags(write=False)
        days = np.busdaycalendar(list(self.weekmask), self.holidays)
        object.__setattr__(self, "_days", days)

    def are_business_days(self, dates: object) -> BoolArray:
        return np.is_busday(self._within(as_dates(dates)), busdaycal=self._days)

    def adjust_dates(self, dates: object, adjustment: Adjustment) -> DateArray:
        inside = self._within(as_dates(dates))
        if adjustment is Adjustment.NONE:
            return inside
        roll = _NUMPY_ROLL[adjustment]
        return self._within(
            np.busday_offset(inside, 0, roll=roll, busdaycal=self._days)  # type: ignore[call-overload]  # roll is a Literal in the stubs
        )

    def add_business_days_to(self, dates: object, count: int) -> DateArray:
        """Step over ``count`` business days; 0 rolls to the same or next business day."""
        inside = self._within(as_dates(dates))
        # From a Saturday, one day on is Monday and one day back is Friday.
        roll = "preceding" if count > 0 else "following"
        return self._within(
            np.busday_offset(inside, count, roll=roll, busdaycal=self._days)  # type: ignore[call-overload]  # roll is a Literal in the stubs
        )

    def business_days(self, first: date, last: date) -> DateArray:
        """All business days from ``first`` to ``last``, both included."""
        self._within(as_dates([first, last]))
        days = np.arange(np.datetime64(first), np.datetime64(last) + 1, dtype="datetime64[D]")
        return days[np.is_busday(days, busdaycal=self._days)]

    def count_business_days(self, starts: object, ends: object) -> npt.NDArray[np.int64]:
        """Business days from each start (included) to each end (excluded)."""
        first, last = self._within(as_dates(starts)), self._within(as_dates(ends))
        return np.asarray(np.busday_count(first, last, busdaycal=self._days), dtype=np.int64)

    def is_business_day(self, day: date) -> bool:
        return bool(self.are_business_days(day))

    def adjust(self, day: date, adjustment: Adjustment) -> date:
        return _scalar(self.adjust_dates(day, adjustment))

    def add_business_days(self, day: date, count: int) -> date:
        return _scalar(self.add_business_days_to(day, count))

    def last_business_day(self, on_or_before: date) -> date:
        return self.adjust(on_or_before, Adjustment.PRECEDING)

    def _within(self, dates: DateArray) -> DateArray:
        outside = ~(
            (dates >= np.datetime64(self.first_date)) & (dates <= np.datetime64(self.last_date))
        )
        if outside.any():
            raise MissingDataError(
                f"Calendar {self.name} was asked about {dates[outside].flat[0]}; it knows "
                f"{self.first_date} to {self.last_date}.",
                hint="Use a date inside, or a calendar that reaches further.",
            )
        return dates


@lru_cache(maxsize=256)
def business_calendar(name: str) -> BusinessCalendar:
    """The calendar of that name; ``A+B`` is open when A and B both are."""
    parts = [part.strip() for part in name.split("+")]
    if len(parts) > 1:
        return _joint(name, [business_calendar(part) for part in parts])
    if name in SETTLEMENT_RULES:
        return _settlement_calendar(name)
    return _exchange_calendar(name)


def calendar_names() -> list[str]:
    """Every single name that :func:`business_calendar` accepts."""
    import exchange_calendars  # costs 0.2 s

    exchanges = exchange_calendars.get_calendar_names(include_aliases=False)
    return sorted({*exchanges, *SETTLEMENT_RULES})


def _settlement_calendar(name: str) -> BusinessCalendar:
    rule = SETTLEMENT_RULES[name]
    # One year beyond each bound, because an observed holiday may move over New Year.
    years = range(FIRST_DATE.year - 1, LAST_SETTLEMENT_DATE.year + 1)
    holidays = as_dates(sorted({day for year in years for day in rule(year)}))
    weekdays = (True,) * 5 + (False,) * 2
    return BusinessCalendar(name, FIRST_DATE, LAST_SETTLEMENT_DATE, weekdays, holidays)


def _exchange_calendar(name: str) -> BusinessCalendar:
    first, last, sessions = cached_sessions(name, partial(_exchange_sessions, name))
    return _from_sessions(name, first, last, sessions)


def _exchange_sessions(name: str) -> Sessions:
    import exchange_calendars  # costs 0.2 s

    if name not in exchange_calendars.get_calendar_names(include_aliases=True):
        raise UnknownNameError("calendar", name, calendar_names())
    first, last = FIRST_DATE, LAST_LISTED.get(name, LAST_EXCHANGE_DATE)
    with warnings.catch_warnings():
        # exchange_calendars uses spellings that pandas 3 deprecates; it is theirs to mend.
        warnings.simplefilter("ignore", DeprecationWarning)
        # A short calendar is cheap, and only a calendar can say how far its records reach.
        probe = exchange_calendars.get_calendar(name, start="2020-01-01", end="2020-02-28")
        if (earliest := probe.bound_min()) is not None:
            first = max(first, earliest.date())
        if (latest := probe.bound_max()) is not None:
            last = min(last, latest.date())
        built = exchange_calendars.get_calendar(name, start=first, end=last)
    return first, last, built.sessions.to_numpy().astype("datetime64[D]")


def _from_sessions(name: str, first: date, last: date, sessions: DateArray) -> BusinessCalendar:
    """Every weekday that ever trades is in the mask, so a special Saturday session is kept."""
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1, dtype="datetime64[D]")
    # 1970-01-05 was a Monday.
    weekday = (days - np.datetime64("1970-01-05")).astype(np.int64) % 7
    is_open = np.isin(days, sessions)
    weekmask = tuple(bool(is_open[weekday == number].any()) for number in range(7))
    closed = days[~is_open & np.asarray(weekmask)[weekday]]
    return BusinessCalendar(name, first, last, weekmask, closed)


def _joint(name: str, calendars: list[BusinessCalendar]) -> BusinessCalendar:
    weekmask = tuple(all(days) for days in zip(*(c.weekmask for c in calendars), strict=True))
    return BusinessCalendar(
        name,
        max(calendar.first_date for calendar in calendars),
        min(calendar.last_date for calendar in calendars),
        weekmask,
        np.unique(np.concatenate([calendar.holidays for calendar in calendars])),
    )


def _scalar(day: DateArray) -> date:
    value = day.item()
    assert isinstance(value, date)
    return value
