"""Absent data: the error names who needed it; or the reason is a value."""

from __future__ import annotations

from datetime import date

import pytest

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import DataError, MissingDataError, UserInputError
from riskplatform.market.lookup import attempt, missing_data

DAY = date(2024, 6, 3)


def test_the_error_says_what_when_for_whom_and_the_nearest() -> None:
    error = missing_data(
        "the curve", "USD.OSI", as_of=DAY, needed_by="SWAP.1", known=["USD.OIS", "EUR.6M"]
    )
    assert str(error) == (
        "SWAP.1 needs the curve USD.OSI, which is absent from the market of 2024-06-03."
        " The nearest of 2 known: USD.OIS."
    )


def test_without_a_needer_the_datum_is_the_subject() -> None:
    assert str(missing_data("the curve", "X", as_of=DAY)).startswith("The curve X is absent")


def test_attempt_returns_the_result_or_the_reason() -> None:
    def absent() -> float:
        raise MissingDataError("No curve.")

    def bad() -> float:
        raise DataError("Not increasing.")

    assert attempt(lambda: 2.0) == 2.0
    assert attempt(absent, subject="SWAP.1") == Failure(
        FailureReason.MISSING_DATA, "No curve.", "SWAP.1"
    )
    outcome = attempt(bad)
    assert isinstance(outcome, Failure)
    assert outcome.reason is FailureReason.INVALID_DATA


def test_attempt_does_not_hide_a_mistake_of_the_caller() -> None:
    def mistake() -> float:
        raise UserInputError("No.")

    with pytest.raises(UserInputError):
        attempt(mistake)
