"""Looking up a market datum by name: the error for what is absent, and the same as a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TypeVar

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import DataError, MissingDataError, nearest

T = TypeVar("T")


def missing_data(
    what: str,
    name: str,
    *,
    as_of: date,
    needed_by: str | None = None,
    known: Iterable[str] = (),
    hint: str = "Load it, or correct the name.",
) -> MissingDataError:
    """The error that says what is absent, as of when, for whom, and which name is nearest."""
    wanted = f"{needed_by} needs {what} {name}, which" if needed_by else f"{what} {name}"
    names = list(known)
    near = nearest(name, names)
    if near:
        hint = f"The nearest of {len(names)} known: {', '.join(near)}."
    message = f"{wanted} is absent from the market of {as_of}."
    return MissingDataError(message[0].upper() + message[1:], hint=hint)


def attempt(compute: Callable[[], T], *, subject: str | None = None) -> T | Failure:
    """The result, or, when the data are absent or bad, the reason as a value.

    Only errors of data become values; a mistake of the caller or of the program is still raised.
    """
    try:
        return compute()
    except MissingDataError as error:
        return Failure(FailureReason.MISSING_DATA, str(error), subject)
    except DataError as error:
        return Failure(FailureReason.INVALID_DATA, str(error), subject)
