"""The tree of errors.

    RiskPlatformError
    ├── UserInputError        the caller asked for something that cannot be
    │   ├── UnknownNameError      no such portfolio, instrument, curve, ...; suggests the nearest
    │   ├── TermsError            the terms of an instrument contradict themselves
    │   └── ImportRefusedError         a file was not taken; carries the rows and reasons
    ├── DataError             what is stored or delivered is not good enough
    │   ├── MissingDataError      a needed quote, curve, fixing is absent; names who needed it
    │   └── DamagedStoreError     a file is damaged or not ours; names the file
    ├── StoreError            the store could not do it now
    │   ├── StoreLockedError      another process holds the writer's lock too long
    │   └── ConflictError         the write contradicts what is already recorded
    ├── GatewayError          a venue does not answer, or refuses to; nothing is known until asked
    ├── NotAllowedError       a rule of the house forbids it: an approval, a guard, the kill switch
    ├── SettingsError         a setting is unknown or out of range
    └── EnvironmentSetupError    a package, extension or program is absent; says how to mend it

Whose fault it is decides the branch: the person, the data, the store, the setup.
A failure that concerns one row of many is not raised at all; it is a value
(:class:`riskplatform.domain.outcome.Failure`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class RiskPlatformError(Exception):
    """Base of everything this package raises on purpose.

    ``message`` says what was asked and what was found; ``hint`` says what to do next.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class UserInputError(RiskPlatformError):
    """The caller asked for something that cannot be."""

    exit_code = 2


class UnknownNameError(UserInputError):
    """A name that is not there; the nearest existing ones are suggested.

    Where none is near, ``see`` says where names are found, or how to make one.
    """

    def __init__(
        self, what: str, name: str, known: Iterable[str] = (), *, see: str | None = None
    ) -> None:
        near = nearest(name, known)
        hint = f"Did you mean {' or '.join(near)}?" if near else see
        super().__init__(f"There is no {what} named {name!r}.", hint=hint)
        self.what = what
        self.name = name


class TermsError(UserInputError):
    """The terms of an instrument contradict themselves."""


class ImportRefusedError(UserInputError):
    """A file was not taken. ``refusals`` lists (row, column, reason) for a report."""

    def __init__(
        self, message: str, refusals: tuple[object, ...] = (), *, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.refusals = refusals


class DataError(RiskPlatformError):
    """What is stored or delivered is not good enough."""


class MissingDataError(DataError):
    """A needed quote, curve, surface or fixing is absent."""


class DamagedStoreError(DataError):
    """A file of the store is damaged or was not written by this program."""


class StoreError(RiskPlatformError):
    """The store could not do it now."""


class StoreLockedError(StoreError):
    """Another process has held the writer's lock for too long."""


class ConflictError(StoreError):
    """The write contradicts what is already recorded."""


class GatewayError(RiskPlatformError):
    """A venue cannot be reached, or did not answer: whether it acted is not known."""


class NotAllowedError(RiskPlatformError):
    """A rule of the house forbids it, whoever asks: who may approve, what a guard blocks."""


class SettingsError(RiskPlatformError):
    """A setting is unknown, unreadable or out of range."""

    exit_code = 2


class EnvironmentSetupError(RiskPlatformError):
    """A package, extension or program is absent."""


def nearest(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known names closest to ``name``, ignoring case, best first."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    close = difflib.get_close_matches(name.casefold(), list(by_folded), n=limit, cutoff=0.6)
    return [by_folded[folded] for folded in close]
