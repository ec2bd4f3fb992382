"""Dates and moments from text in named orders; 03/04/2026 is refused until its order is known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from riskplatform.errors import UserInputError
from riskplatform.ingest.grid import Cell, shown

ORDERS = ("YMD", "DMY", "MDY")
_FIRST_YEAR, _LAST_YEAR = 1900, 2200

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_YEAR_FIRST = re.compile(r"([0-9]{4})[/.]([0-9]{1,2})[/.]([0-9]{1,2})")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_SLASHED = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})")
_NAMED = re.compile(r"([0-9]{1,2})[ -]([^\W\d_]{3,9})\.?[ -]([0-9]{4})")
_NAMED_FIRST = re.compile(r"([^\W\d_]{3,9})\.? ([0-9]{1,2}),? ([0-9]{4})")
_TIME = re.compile(
    r"([0-9]{1,2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,]([0-9]{1,9}))?)?\s*"
    r"(Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?"
)
_SPLIT = re.compile(r"(?<=[0-9])(?:[T;](?=[0-9])|,? +(?=[0-9]{1,2}:|[0-9]{6}))")

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier janv jän",
            "feb february februar février fevrier févr fev",
            "mar march märz maerz mars mär mrz",
            "apr april avril avr",
            "may mai",
            "jun june juni juin",
            "jul july juli juillet juil",
            "aug august août aout",
            "sep sept september septembre",
            "oct october oktober octobre okt",
            "nov november novembre",
            "dec december dezember décembre decembre déc dez",
        ),
        1,
    )
    for name in names.split()
}


@dataclass(frozen=True, slots=True)
class DateReader:
    """How the dates of one column are read."""

    order: str | None = None
    zone: tzinfo = UTC
    excel_epoch: date | None = None

    def day(self, cell: Cell) -> date:
        """The day that the cell names; a time of day beside it is put aside."""
        if isinstance(cell, datetime):
            return _within(cell.date())
        if isinstance(cell, date):
            return _within(cell)
        if isinstance(cell, Decimal):
            return self._of_number(cell)
        if not isinstance(cell, str):
            raise _not_a_date(cell)
        text = cell.strip()
        if self.order and "%" in self.order:
            return self._by_pattern(text).date()
        return self._day(_SPLIT.split(text, 1)[0])

    def moment(self, cell: Cell) -> tuple[datetime, bool]:
        """(UTC moment, whether a time of day was given); a bare day is its first instant."""
        if isinstance(cell, datetime):
            return self._in_utc(cell), True
        if not isinstance(cell, str):
            return datetime.combine(self.day(cell), time.min, tzinfo=UTC), False
        text = cell.strip()
        if self.order and "%" in self.order:
            found = self._by_pattern(text)
            has_time = "%H" in self.order or "%I" in self.order
            return (self._in_utc(found) if has_time else found.replace(tzinfo=UTC)), has_time
        parts = _SPLIT.split(text, 1)
        day = self._day(parts[0])
        if len(parts) == 1:
            return datetime.combine(day, time.min, tzinfo=UTC), False
        return self._in_utc(_at(day, parts[1], text)), True

    def _in_utc(self, moment: datetime) -> datetime:
        _within(moment.date())
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)

    def _by_pattern(self, text: str) -> datetime:
        try:
            found = datetime.strptime(text, str(self.order))
        except (ValueError, re.error):
            raise UserInputError(
                f"{shown(text)!r} does not follow the date_format {self.order!r}."
            ) from None
        _within(found.date())
        return found

    def _of_number(self, number: Decimal) -> date:
        if number == number.to_integral_value() and 19000101 <= number <= 22001231:
            return self._day(str(int(number)))
        if self.excel_epoch is not None and 367 <= number <= 110_000:
            return self.excel_epoch + timedelta(days=int(number))
        raise _not_a_date(number)

    def _day(self, text: str) -> date:
        if match := _ISO.fullmatch(text) or _COMPACT.fullmatch(text) or _YEAR_FIRST.fullmatch(text):
            return _made(match[1], match[2], match[3], text)
        if match := _SLASHED.fullmatch(text) or _DOTTED.fullmatch(text):
            return self._of_two(match[1], match[2], match[3], text)
        for pattern, day, month in ((_NAMED, 1, 2), (_NAMED_FIRST, 2, 1)):
            if match := pattern.fullmatch(text):
                number = _MONTHS.get(match[month].casefold())
                if number is not None:
                    return _made(match[3], str(number), match[day], text)
        raise _not_a_date(text)

    def _of_two(self, first: str, second: str, year: str, text: str) -> date:
        order = self.order
        if order is None and "." in text:
            order = "DMY"  # dots are German and French; nobody writes months first with them
        if order is None and int(first) > 12:
            order = "DMY"
        if order is None and (int(second) > 12 or first == second):
            order = "MDY"
        if order not in ("DMY", "MDY"):
            raise UserInputError(
                f"{text} may be day/month or month/day.",
                hint="Set date_format to DMY or MDY in the column map.",
            )
        day, month = (first, second) if order == "DMY" else (second, first)
        return _made(year, month, day, text)


def proven_order(cells: Iterable[Cell]) -> str | None:
    """``DMY`` or ``MDY`` when some date of a column can only be so and none contradicts it."""
    proofs = set()
    for cell in cells:
        if isinstance(cell, str) and (match := _SLASHED.match(cell.strip())):
            first, second = int(match[1]), int(match[2])
            if first > 12:
                proofs.add("DMY")
            elif second > 12:
                proofs.add("MDY")
    return proofs.pop() if len(proofs) == 1 else None


def zone_named(name: str) -> tzinfo:
    """A time zone by its IANA name."""
    if name.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # zoneinfo raises IsADirectoryError for "Europe" and ValueError for odd paths.
        raise UserInputError(
            f"{name!r} is not a time zone.", hint="Give an IANA name such as Europe/Zurich."
        ) from None


def _made(year: str, month: str, day: str, text: str) -> date:
    try:
        return _within(date(int(year), int(month), int(day)))
    except ValueError:
        raise UserInputError(f"There is no day {text!r}.") from None


def _within(day: date) -> date:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise UserInputError(f"{day} is not between the years {_FIRST_YEAR} and {_LAST_YEAR}.")
    return day


def _at(day: date, clock: str, text: str) -> datetime:
    match = _TIME.fullmatch(clock.strip())
    if match is None:
        raise _not_a_date(text)
    hour, minute, second, fraction, zone = match.groups()
    micro = int((fraction or "0").ljust(6, "0")[:6])
    try:
        clock_time = time(int(hour), int(minute), int(second or 0), micro)
        return datetime.combine(day, clock_time, tzinfo=_offset(zone))
    except ValueError:
        raise UserInputError(f"There is no moment {text!r}.") from None


def _offset(zone: str | None) -> tzinfo | None:
    if zone is None:
        return None
    if zone in ("Z", "UTC", "GMT"):
        return UTC
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return timezone(timedelta(minutes=minutes if zone[0] == "+" else -minutes))


def _not_a_date(cell: Cell) -> UserInputError:
    return UserInputError(
        f"{shown(cell)!r} is not a date.",
        hint="Write 2026-03-31, or set date_format in the column map.",
    )
