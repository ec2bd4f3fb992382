"""The time of a schedule in parts of trading time: none begins while the market is shut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from riskplatform.errors import UserInputError
from riskplatform.market.trading_hours import Span, TradingSession, session_of

_DAY = timedelta(days=1)
MOST_DAYS = 60


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of one session. ``low`` and ``high`` say where in the session's trading time it
    is, from 0 at the open to 1 at the close; a break inside it takes no trading time."""

    start: datetime
    end: datetime
    length: timedelta
    low: float
    high: float
    session: TradingSession


def trading_parts(
    calendar: str, start: datetime, end: datetime, minutes: float
) -> tuple[Part, ...]:
    """Parts of about so many minutes, the same within a session, from ``start`` to ``end``."""
    if start.tzinfo is None or end.tzinfo is None or not start < end:
        raise UserInputError(
            f"A schedule from {start} to {end}.", hint="Give two instants with their time zone."
        )
    if end - start > timedelta(days=MOST_DAYS):
        raise UserInputError(f"A schedule of more than {MOST_DAYS} days.", hint="Plan it in parts.")
    if not minutes > 0.0:
        raise UserInputError(f"Parts of {minutes:g} minutes.", hint="Give more than 0.")
    found = [part for each in _sessions(calendar, start, end)
             for part in _cut(each, start, end, timedelta(minutes=minutes))]  # fmt: skip
    if not found:
        raise UserInputError(
            f"{calendar} does not trade from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC.",
            hint="Choose a time in which it is open.",
        )
    return tuple(found)


def _sessions(calendar: str, start: datetime, end: datetime) -> Iterator[TradingSession]:
    # A session may begin on the evening before its day.
    day, last = start.astimezone(UTC).date() - _DAY, end.astimezone(UTC).date() + _DAY
    while day <= last:
        session = session_of(calendar, day)
        if session is not None:
            yield session
        day += _DAY


def _cut(
    session: TradingSession, start: datetime, end: datetime, size: timedelta
) -> Iterator[Part]:
    inside = [(max(a, start), min(b, end)) for a, b in session.spans]
    inside = [span for span in inside if span[0] < span[1]]
    total = sum((b - a for a, b in inside), timedelta())
    if not total:
        return
    count = max(round(total / size), 1)
    before = _elapsed(session, inside[0][0])
    for place in range(count):
        low, high = total * place / count, total * (place + 1) / count
        yield Part(
            _instant(inside, low, is_start=True),
            _instant(inside, high, is_start=False),
            high - low,
            (before + low) / session.length,
            (before + high) / session.length,
            session,
        )


def _elapsed(session: TradingSession, at: datetime) -> timedelta:
    """Trading time from the open to an instant."""
    return sum((min(b, at) - a for a, b in session.spans if a < at), timedelta())


def _instant(spans: list[Span], into: timedelta, *, is_start: bool) -> datetime:
    """When so much trading time has gone by; at a break, the end of it for what starts there."""
    for a, b in spans:
        length = b - a
        if into < length or (into == length and not is_start) or (a, b) == spans[-1]:
            return a + into
        into -= length
    raise AssertionError("there is a last span")


def trading_days(parts: tuple[Part, ...]) -> float:
    """How many usual days of trading the parts are."""
    return float(sum(part.length / part.session.usual for part in parts))
