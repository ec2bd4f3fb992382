"""A book that drifts and pays, against one written day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import DataError, UserInputError
from riskplatform.optimisation.trading_costs import CostModel, Liquidity, cost_pieces
from riskplatform.optimisation.validation import (
    ModelCost,
    NoCost,
    ProportionalCost,
    ReturnHistory,
)
from riskplatform.optimisation.validation.holding import Run, Target, held


def history_of(table: np.ndarray) -> ReturnHistory:
    start = date(2024, 1, 1)
    days = tuple(start + timedelta(days=i) for i in range(len(table)))
    names = tuple(f"A{i}" for i in range(table.shape[1]))
    return ReturnHistory(names, table, days, "EUR")


def by_day(history: ReturnHistory, targets: list[Target], end: int, rate: float) -> list[float]:
    """The value of one unit of money, line by line of a ledger of units."""
    decisions = {each.day: each.weights for each in targets}
    money, cash = np.zeros(len(history.asset_ids)), 1.0
    out, before = [], 1.0
    for day in range(targets[0].day, end):
        weights = decisions.get(day)
        if weights is not None:
            capital = cash + money.sum()
            bill = rate * np.abs(weights - money / capital).sum() * capital
            capital -= bill
            money = weights * capital
            cash = capital - money.sum()
        for place in range(len(money)):
            move = history.returns[day, place]
            money[place] *= 1.0 + (0.0 if np.isnan(move) else move)
        out.append((cash + money.sum()) / before - 1.0)
        before = cash + money.sum()
    return out


@given(st.integers(0, 500), st.integers(1, 5), st.floats(0.0, 0.01))
def test_returns_are_those_of_a_ledger_of_money(seed: int, every: int, rate: float) -> None:
    rng = np.random.default_rng(seed)
    table = rng.normal(0.0, 0.03, (17, 3))
    table[rng.random((17, 3)) < 0.05] = np.nan
    history = history_of(table)
    targets = [
        Target(day, None if rng.random() < 0.2 and day > 2 else rng.normal(0.2, 0.3, 3))
        for day in range(2, 17, every)
    ]
    run = held(history, targets, 17, ProportionalCost(1e4 * rate), rule="r")
    assert run.returns == pytest.approx(by_day(history, targets, 17, rate), abs=1e-12)
    decided = [each.day for each in targets if each.weights is not None]
    assert run.traded.tolist() == decided
    assert run.costs == pytest.approx(rate * run.turnover)
    assert run.growth[-1] == pytest.approx(np.prod(1.0 + np.array(run.returns)))


def test_absent_returns_of_what_is_held_are_told() -> None:
    table = np.array([[0.01, np.nan], [np.nan, 0.02], [0.01, 0.01]])
    history = history_of(table)
    run = held(history, [Target(0, np.array([1.0, 0.0]))], 3, NoCost(), rule="one")
    assert run.returns == pytest.approx([0.01, 0.0, 0.01])
    assert [each.message for each in run.failures] == [
        "1 returns of assets that one held are not there; the assets were held at their last price."
    ]


def test_a_book_that_loses_everything_stops() -> None:
    history = history_of(np.array([[0.1], [-0.6], [0.5], [0.1]]))
    run = held(history, [Target(0, np.array([2.0])), Target(3, np.array([1.0]))], 4, NoCost(),
               rule="bold")  # fmt: skip
    assert run.returns == pytest.approx([0.2, -1.0, 0.0, 0.0])
    assert run.growth[-1] == 0.0
    assert "bold has lost everything on 2024-01-02" in run.failures[0].message
    dear = held(history, [Target(0, np.array([2.0]))], 4, ProportionalCost(6000.0), rule="dear")
    assert dear.returns == pytest.approx([-1.0, 0.0, 0.0, 0.0])


def test_the_cost_model_of_the_execution_can_be_the_cost_here() -> None:
    model = CostModel(half_spread_bp=5.0, temporary=0.8, exponent=0.5, fee_bp=1.0, borrow_bp=50.0)
    markets = Liquidity(
        instrument_ids=("A1", "A0", "ELSE"),
        unit_values=np.array([50.0, 100.0, 1.0]),
        volatilities=np.array([0.02, 0.01, 0.01]),
        daily_volumes=np.array([1e5, 1e6, 1.0]),
    )
    cost = ModelCost(model, markets, capital=1e7, holding_days=30.0)
    before, after = np.array([0.2, 0.5]), np.array([0.6, -0.1])
    found = cost(0, ("A0", "A1"), before, after)
    # By hand: half a spread and a fee of 6 bp on what is traded, the square root of the share of a
    # day's volume on top, and 50 bp a year for 30 days of what is short.
    traded = np.abs(after - before)
    share = traded * 1e7 / np.array([100.0 * 1e6, 50.0 * 1e5])
    impact = 0.8 * np.array([0.01, 0.02]) * np.sqrt(share)
    expected = float(traded @ (6e-4 + impact)) + 0.1 * 0.005 * 30.0 / 360.0
    assert found == pytest.approx(expected)
    pieces = cost_pieces(model, markets.chosen(("A0", "A1")), 1e7, holding_days=30.0)
    assert cost(5, ("A0", "A1"), before, after) == pieces.total(after, before)
    assert cost.cost_id != ModelCost(model, markets, capital=2e7).cost_id


class Broken(NoCost):
    def __call__(
        self, day: int, asset_ids: Sequence[str], before: np.ndarray, after: np.ndarray
    ) -> float:
        return float("nan")


def test_what_is_no_history_or_no_cost() -> None:
    history = history_of(np.zeros((3, 1)))
    with pytest.raises(DataError, match="rebalancing on 2024-01-01"):
        held(history, [Target(0, np.ones(1))], 3, Broken(), rule="r")
    with pytest.raises(UserInputError, match="from 0 on"):
        ProportionalCost(-1.0)
    day = date(2024, 1, 1)
    with pytest.raises(UserInputError, match="do not fit"):
        ReturnHistory(("A",), np.zeros((2, 1)), (day,), "EUR")
    with pytest.raises(UserInputError, match="in order"):
        ReturnHistory(("A",), np.zeros((2, 1)), (day, day), "EUR")
    with pytest.raises(UserInputError, match="below -100 %"):
        history_of(np.array([[-1.5]]))


def test_a_run_is_frozen_and_windows_are_copies() -> None:
    history = history_of(np.arange(12.0).reshape(4, 3))
    window = history.window(slice(1, 3))
    assert window.base is None
    window[:] = 99.0
    assert history.returns[1, 0] == 3.0
    run = held(history, [Target(0, np.ones(3) / 3)], 4, NoCost(), rule="r")
    assert isinstance(run, Run)
    with pytest.raises(AttributeError):
        run.rule = "s"  # type: ignore[misc]
