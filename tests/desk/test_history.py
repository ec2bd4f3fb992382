"""The book day by day: the same values as one day at a time, and P&L that flows do not explain."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from riskplatform.desk import Desk
from riskplatform.errors import MissingDataError
from tests.desk.conftest import DAYS

START = DAYS[0]


@pytest.mark.slow
@pytest.mark.parametrize("node", [None, "fund", "macro"])
def test_each_day_is_the_valuation_of_that_day(desk: Desk, node: str | None) -> None:
    frame = desk.history(START, node=node).frame
    assert frame["date"].tolist() == DAYS
    expected = [desk.value(day, node=node).total for day in DAYS]
    assert frame["value"].tolist() == pytest.approx(expected, rel=1e-12)
    assert frame["uncovered"].tolist() == [0] * len(DAYS)


def test_value_changes_by_flows_and_pnl(desk: Desk) -> None:
    frame = desk.history(START).frame
    assert frame["flows"].tolist() == [0, 0, 200_000, 0, 0]
    change = np.diff(frame["value"])
    assert (frame["flows"] + frame["pnl"])[1:].to_numpy() == pytest.approx(change, rel=1e-12)


def test_a_split_is_no_gain(desk: Desk) -> None:
    pnl = desk.history(START, node="growth").frame.set_index("date")["pnl"]
    alfa = 2_000 * 51.5 - 1_000 * 102.0
    beta = 100 * (50 * 1.10 - 51 * 1.12)
    cash = 5_100 * (1.10 - 1.12)
    assert pnl[date(2026, 3, 5)] == pytest.approx(alfa + beta + cash)


def test_days_without_a_market(desk: Desk) -> None:
    with pytest.raises(MissingDataError, match="no market days"):
        desk.history(date(2026, 3, 7), date(2026, 3, 8))
