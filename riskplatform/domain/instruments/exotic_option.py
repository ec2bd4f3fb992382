"""Options with another payoff than a plain one: digitals and averages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from riskplatform.domain.instruments.option import Exercise, Option


class DigitalPayoff(StrEnum):
    """What is paid, and whether at expiry or at the touch."""

    CASH = "cash or nothing"
    ASSET = "asset or nothing"
    TOUCH = "one touch"


class Average(StrEnum):
    """How fixings are averaged."""

    ARITHMETIC = "arithmetic"
    GEOMETRIC = "geometric"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitalOption(Option):
    """All or nothing, per unit of underlying.

    "cash or nothing" and "asset or nothing" pay at expiry: ``cash``, or one unit of the
    underlying, where a plain option would be exercised. "one touch" pays ``cash`` the moment the
    underlying reaches the strike: from below for a call, from above for a put.
    """

    kind = "digital_option"

    payoff: DigitalPayoff
    cash: float = 1.0

    def problems(self) -> list[str]:
        found = Option.problems(self)
        if not self.cash > 0:
            found.append(f"the cash amount {self.cash} is not positive")
        if self.payoff is DigitalPayoff.ASSET and self.cash != 1.0:
            found.append("asset or nothing pays one unit of the underlying, not a cash amount")
        if self.exercise is not Exercise.EUROPEAN:
            found.append("a digital that may be exercised early is the payoff 'one touch'")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class AsianOption(Option):
    """An option on the average of fixings, paid at expiry.

    The averaging days are given one by one, or as the first, the last and how many, which are
    then spread evenly over the weekdays between (over all days for a calendar of 24/7). Past
    fixings are those of ``index_id``, by default the underlying itself.
    """

    kind = "asian_option"

    average: Average
    averaging_dates: tuple[date, ...] = ()
    averaging_first: date | None = None
    averaging_last: date | None = None
    averaging_count: int | None = None
    index_id: str | None = None

    def problems(self) -> list[str]:
        found = Option.problems(self)
        if self.exercise is not Exercise.EUROPEAN:
            found.append("only European options on an average are known")
        spread = (self.averaging_first, self.averaging_last, self.averaging_count)
        if self.averaging_dates:
            if spread != (None, None, None):
                found.append("averaging days are given one by one and also by first, last, count")
            found += _order_problems(self.averaging_dates)
            last: date | None = max(self.averaging_dates)
        else:
            found += _spread_problems(*spread, every_day=self._every_day)
            last = self.averaging_last
        if last is not None and last > self.expiry:
            found.append(f"it averages until {last}, after its expiry on {self.expiry}")
        return found

    @property
    def averaging_days(self) -> tuple[date, ...]:
        """Every averaging day, in order."""
        first, last, count = self.averaging_first, self.averaging_last, self.averaging_count
        if self.averaging_dates or first is None or last is None or count is None:
            return self.averaging_dates
        steps = _steps_between(first, last, every_day=self._every_day)
        gaps = max(count - 1, 1)
        # Whole numbers throughout, so that every machine rounds to the same day.
        places = ((2 * i * steps + gaps) // (2 * gaps) for i in range(count))
        return tuple(_step(first, place, every_day=self._every_day) for place in places)

    @property
    def fixing_id(self) -> str:
        """Whose fixings are averaged."""
        return self.index_id or self.underlying_id

    @property
    def _every_day(self) -> bool:
        return self.calendar == "24/7"


def _order_problems(days: tuple[date, ...]) -> list[str]:
    if all(early < late for early, late in pairwise(days)):
        return []
    return ["its averaging days are not in strict order of date"]


def _spread_problems(
    first: date | None, last: date | None, count: int | None, *, every_day: bool
) -> list[str]:
    if first is None or last is None or count is None:
        return ["it needs averaging_dates, or averaging_first, _last and _count"]
    if not every_day and (weekend := [day for day in (first, last) if day.weekday() > 4]):
        return [f"the averaging day {weekend[0]} is on a weekend"]
    if last < first:
        return [f"it averages from {first} until {last}, before it begins"]
    room = _steps_between(first, last, every_day=every_day) + 1
    if not 1 <= count <= room:
        return [f"{count} averaging days do not fit between {first} and {last}, which hold {room}"]
    if count == 1 and first != last:
        return [f"one averaging day cannot be both {first} and {last}"]
    return []


def _steps_between(first: date, last: date, *, every_day: bool) -> int:
    """How many days, or weekdays, lie from one to the other; both are such days."""
    days = (last - first).days
    if every_day:
        return days
    weeks = (days + first.weekday() - last.weekday()) // 7
    return weeks * 5 + last.weekday() - first.weekday()


def _step(first: date, steps: int, *, every_day: bool) -> date:
    if every_day:
        return first + timedelta(days=steps)
    weeks, weekday = divmod(first.weekday() + steps, 5)
    return first + timedelta(days=7 * weeks + weekday - first.weekday())
