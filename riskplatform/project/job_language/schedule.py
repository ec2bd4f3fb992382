"""When a job is due: moments in UTC, from its time zone's clock and an exchange's calendar.

Nothing here knows what time it is. A clock time that a change to summer time leaps over becomes
the moment that it would have been; one that comes twice in autumn is meant the first time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from riskplatform.project.job_language.cron import Cron
from riskplatform.project.job_language.durations import duration_text

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# 29 February comes at worst after eight years, and a calendar may take that one out.
FURTHEST = timedelta(days=366 * 12)


@dataclass(frozen=True)
class Schedule:
    """Either ``cron`` or ``every``; with neither, the job runs by hand only."""

    cron: Cron | None = None
    every: timedelta | None = None
    time_zone: str = "UTC"
    calendar: str | None = None

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def is_by_hand(self) -> bool:
        return self.cron is None and self.every is None

    def day_of(self, moment: datetime) -> date:
        """The day on the wall of the job's time zone."""
        return moment.astimezone(self.zone).date()

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Due moments later than ``after`` and not later than ``until``, in order."""
        if self.cron is not None:
            yield from self._by_cron(self.cron, after, until)
        elif self.every is not None:
            yield from self._by_length(self.every, after, until)

    def next_after(self, moment: datetime) -> datetime | None:
        """The first due moment later than ``moment``, if there ever is one."""
        return next(self.between(moment, moment + FURTHEST), None)

    def span_of(self, day: date) -> tuple[datetime, datetime]:
        """A day on the wall of the job's time zone, as :meth:`between` takes it."""
        start, end = (
            datetime.combine(each, time(), self.zone).astimezone(UTC) - _MOMENT
            for each in (day, day + _DAY)
        )
        return start, end

    def on_day(self, day: date) -> list[datetime]:
        """The due moments of a day of the job's time zone."""
        return list(self.between(*self.span_of(day)))

    def _by_cron(self, cron: Cron, after: datetime, until: datetime) -> Iterator[datetime]:
        last = after
        # A leap over an hour moves a moment into the next day at the most.
        day = self.day_of(after) - _DAY
        while day <= self.day_of(until):
            if cron.fits(day) and self._is_open(day):
                for moment in self._moments(cron, day):
                    if last < moment <= until:
                        last = moment
                        yield moment
            day += _DAY

    def _moments(self, cron: Cron, day: date) -> list[datetime]:
        walls = (time(hour, minute) for hour in cron.hours for minute in cron.minutes)
        return sorted({datetime.combine(day, wall, self.zone).astimezone(UTC) for wall in walls})

    def _by_length(self, every: timedelta, after: datetime, until: datetime) -> Iterator[datetime]:
        """Whole multiples since 1970: the same on every machine, whenever it was started."""
        moment = _EPOCH + ((after - _EPOCH) // every + 1) * every
        while moment <= until:
            day = self.day_of(moment)
            if self._is_open(day):
                yield moment
                moment += every
            else:
                tomorrow = datetime.combine(day + _DAY, time(), self.zone).astimezone(UTC)
                moment = _EPOCH - (-(max(tomorrow, moment + every) - _EPOCH) // every) * every

    def _is_open(self, day: date) -> bool:
        if self.calendar is None:
            return True
        from riskplatform.market.calendars import business_calendar

        return business_calendar(self.calendar).is_business_day(day)

    def __str__(self) -> str:
        if self.cron is not None:
            words = f"{self.cron.text} {self.time_zone}"
        elif self.every is not None:
            words = f"every {duration_text(self.every)}"
        else:
            return "by hand"
        return f"{words}, days of {self.calendar}" if self.calendar else words
