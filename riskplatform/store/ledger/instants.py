"""Moments as whole microseconds since 1970 in UTC: exact, ordered, the same in every database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from riskplatform.domain.transactions import end_of
from riskplatform.errors import UserInputError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

BEGINNING = -62_135_596_800_000_000
"""The first moment that a datetime can name: terms without a date hold from here."""

END_OF_TIME = 253_402_300_799_999_999
"""The last moment that a datetime can name."""


def utc_now() -> datetime:
    """The clock of the ledger, unless another is handed in."""
    return datetime.now(UTC)


def to_micros(moment: datetime) -> int:
    """``moment`` as microseconds; a moment without a time zone is refused."""
    if moment.tzinfo is None:
        raise UserInputError(
            f"{moment.isoformat()} has no time zone.", hint="Give an aware datetime, such as UTC."
        )
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND


def as_of_micros(moment: date | datetime) -> int:
    """The moment as of which to read: a date means with all of that day."""
    return to_micros(moment if isinstance(moment, datetime) else end_of(moment))
