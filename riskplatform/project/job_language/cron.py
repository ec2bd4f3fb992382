"""The five fields of cron: minute, hour, day of month, month, weekday (0 or 7 is Sunday).

Lists (``1,15``), ranges (``9-16``), steps (``*/15``, ``9-16/2``) and English names (``mon``,
``jan``) are read. A day of month together with a weekday is refused: programs do not agree on
whether both must fit or one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_PART = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?")
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    first: int
    last: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int:
        if text.lower() in self.names:
            return self.names.index(text.lower()) + self.first
        if not text.isascii() or not text.isdigit() or not self.first <= int(text) <= self.last:
            raise ValueError(
                f"{text!r} is no {self.name}; accepted: {self.first} to {self.last}"
                + (f", or {self.names[0]} to {self.names[-1]}" if self.names else "")
            )
        return int(text)


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("weekday", 0, 7, _WEEKDAYS),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """Minutes of the days that fit."""

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """As ISO counts them: Monday is 1, Sunday 7."""

    def fits(self, day: date) -> bool:
        """Whether there are times on ``day``."""
        return (
            day.month in self.months and day.day in self.days and day.isoweekday() in self.weekdays
        )


def cron_of(text: object) -> Cron:
    """The fields that ``text`` gives; what is wrong is a ValueError in words."""
    parts = text.split() if isinstance(text, str) else []
    if len(parts) != len(_FIELDS):
        raise ValueError(
            f"{text!r} has {len(parts)} fields; five are needed: minute, hour, day of month, "
            "month, weekday"
        )
    if parts[2] != "*" and parts[4] != "*":
        raise ValueError("a day of month and a weekday cannot both be given; leave one as *")
    minutes, hours, days, months, weekdays = (
        _numbers(part, field) for part, field in zip(parts, _FIELDS, strict=True)
    )
    if min(days) > max(_LONGEST_MONTHS[month - 1] for month in months):
        raise ValueError(f"{text!r} names a day that none of its months has")
    return Cron(
        text=" ".join(parts),
        minutes=tuple(sorted(minutes)),
        hours=tuple(sorted(hours)),
        days=frozenset(days),
        months=frozenset(months),
        weekdays=frozenset(7 if day == 0 else day for day in weekdays),
    )


def _numbers(text: str, field: _Field) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        fitted = _PART.fullmatch(part)
        if fitted is None or (fitted[1] == "*" and fitted[2]):
            raise ValueError(f"{part!r} cannot be read as {field.name}")
        first, last, step = fitted.groups()
        if first == "*":
            low, high = field.first, field.last
        else:
            low = field.number(first)
            # 5/15 means from 5 on, as every cron has it.
            high = field.number(last) if last else (field.last if step else low)
        if low > high:
            raise ValueError(f"{part!r} ends before it begins")
        if step is not None and int(step) == 0:
            raise ValueError(f"{part!r} has a step of 0")
        found.update(range(low, high + 1, int(step or 1)))
    return found
