"""One owner of QuantLib's date: restored whatever happens, one date, one thread."""

from __future__ import annotations

import threading
from datetime import date

import pytest
import QuantLib as ql

from riskplatform.errors import RiskPlatformError
from riskplatform.pricing.exotics.evaluation_date import evaluation_date

DAY = date(2026, 3, 31)
BEFORE = ql.Date(2, 1, 2020)


@pytest.fixture(autouse=True)
def known_date() -> None:
    ql.Settings.instance().evaluationDate = BEFORE


def current() -> ql.Date:
    return ql.Settings.instance().evaluationDate


def test_it_holds_and_gives_back() -> None:
    with evaluation_date(DAY) as library:
        assert library is ql
        assert current() == ql.Date(31, 3, 2026)
    assert current() == BEFORE


def test_it_is_given_back_after_an_exception() -> None:
    with pytest.raises(ZeroDivisionError), evaluation_date(DAY):
        raise ZeroDivisionError
    assert current() == BEFORE
    # And the owner is free again, for another date.
    with evaluation_date(date(2030, 1, 2)):
        assert current() == ql.Date(2, 1, 2030)


def test_the_same_date_nests_and_another_is_refused() -> None:
    with evaluation_date(DAY):
        with evaluation_date(DAY):
            pass
        assert current() == ql.Date(31, 3, 2026)
        refused = pytest.raises(RiskPlatformError, match=r"held at 2026-03-31 .* be 2026-04-01")
        with refused, evaluation_date(date(2026, 4, 1)):
            pass
        assert current() == ql.Date(31, 3, 2026)
    assert current() == BEFORE


def test_another_thread_is_refused() -> None:
    told: list[str] = []

    def ask() -> None:
        try:
            with evaluation_date(DAY):
                told.append("allowed")
        except RiskPlatformError as error:
            told.append(str(error))

    thread = threading.Thread(target=ask, name="page-7")
    thread.start()
    thread.join()
    assert "thread 'page-7'" in told[0]
    assert "worker pool" in told[0]
    assert current() == BEFORE
