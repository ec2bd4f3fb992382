"""When a market trades: sessions with their hours in UTC, half days and breaks included.

An exchange has the hours of ``exchange_calendars``; a settlement centre has none of its own, so
what is dealt there over the counter trades all of a business day. ``A+B`` trades when both do.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, reduce

from riskplatform.errors import MissingDataError, UnknownNameError
from riskplatform.market.calendars import business_calendar, calendar_names
from riskplatform.market.settlement_holidays import SETTLEMENT_RULES

Span = tuple[datetime, datetime]
"""From (included) until (excluded)."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TradingSession:
    """The spans of one trading day; ``usual`` is how long most days of its year trade."""

    calendar: str
    day: date
    spans: tuple[Span, ...]
    usual: timedelta

    @property
    def opens(self) -> datetime:
        return self.spans[0][0]

    @property
    def closes(self) -> datetime:
        return self.spans[-1][1]

    @property
    def length(self) -> timedelta:
        """How long it trades, breaks taken out."""
        return sum((end - start for start, end in self.spans), timedelta())

    @property
    def is_short(self) -> bool:
        return self.length < self.usual

    def is_open(self, at: datetime) -> bool:
        return any(start <= at < end for start, end in self.spans)


def session_of(calendar: str, day: date) -> TradingSession | None:
    """The session of a trading day; none on a day without one."""
    parts = [part.strip() for part in calendar.split("+")]
    found = [_year(part, day.year).get(day) for part in parts]
    sessions = [each for each in found if each is not None]
    if len(sessions) < len(parts):
        return None
    if len(sessions) == 1:
        return sessions[0]
    spans = reduce(_both, (each.spans for each in sessions))
    if not spans:
        return None
    return TradingSession(calendar, day, spans, min(each.usual for each in sessions))


def session_at(calendar: str, at: datetime) -> TradingSession | None:
    """The session that an instant is in; none while the market is closed.

    A session may begin on the evening before its day, so the day after is looked at too.
    """
    today = at.astimezone(UTC).date()
    for day in (today, today + _DAY, today - _DAY):
        session = session_of(calendar, day)
        if session is not None and session.is_open(at):
            return session
    return None


def next_session(calendar: str, at: datetime, within_days: int = 30) -> TradingSession:
    """The session that is open at an instant, or the first one to open after it."""
    day = at.astimezone(UTC).date() - _DAY
    for _ in range(within_days + 2):
        session = session_of(calendar, day)
        if session is not None and session.closes > at:
            return session
        day += _DAY
    raise MissingDataError(f"{calendar} has no session within {within_days} days of {at}.")


def _both(left: Sequence[Span], right: Sequence[Span]) -> tuple[Span, ...]:
    common = ((max(a[0], b[0]), min(a[1], b[1])) for a in left for b in right)
    return tuple(sorted(span for span in common if span[0] < span[1]))


@lru_cache(maxsize=256)
def _year(name: str, year: int) -> Mapping[date, TradingSession]:
    """The sessions of a year by day."""
    if name in SETTLEMENT_RULES:
        return _whole_days(name, year)
    spans = _exchange_spans(name, year)
    lengths = sorted(sum((b - a for a, b in each), timedelta()) for each in spans.values())
    usual = lengths[len(lengths) // 2] if lengths else timedelta()
    return {day: TradingSession(name, day, each, usual) for day, each in spans.items()}


def _whole_days(name: str, year: int) -> dict[date, TradingSession]:
    days = business_calendar(name).business_days(date(year, 1, 1), date(year, 12, 31))
    found = {}
    for day in days.tolist():
        start = datetime.combine(day, time(), UTC)
        found[day] = TradingSession(name, day, ((start, start + _DAY),), _DAY)
    return found


def _exchange_spans(name: str, year: int) -> dict[date, tuple[Span, ...]]:
    import exchange_calendars  # costs 0.2 s

    if name not in exchange_calendars.get_calendar_names(include_aliases=True):
        raise UnknownNameError("calendar", name, calendar_names())
    # The bounds are those of the days; asked for beyond them, it says so by name.
    business_calendar(name).is_business_day(date(year, 7, 1))
    with warnings.catch_warnings():
        # exchange_calendars uses spellings that pandas 3 deprecates; it is theirs to mend.
        warnings.simplefilter("ignore", DeprecationWarning)
        built = exchange_calendars.get_calendar(name, start=f"{year}-01-01", end=f"{year}-12-31")
        schedule = built.schedule
    found: dict[date, tuple[Span, ...]] = {}
    for label, row in schedule.iterrows():
        opens, closes = row["open"].to_pydatetime(), row["close"].to_pydatetime()
        pause, again = row["break_start"], row["break_end"]
        if pause == pause and again == again:
            first, second = pause.to_pydatetime(), again.to_pydatetime()
            found[label.date()] = ((opens, first), (second, closes))
        else:
            found[label.date()] = ((opens, closes),)
    return found
